import t from 'tap';
import { parseRect } from '../../src/domain/view.ts';
import { SseParser } from '../../src/conformance/sse-parser.ts';
import { CheckedCopy } from '../../src/conformance/checked-copy.ts';

const time = '2026-01-05T10:00:00.000Z';
const wall = { id: 'wall' };
const tile = { brick: 'a.png', timestamp: 1, compositor: 'wall' };
const whole = { rect: null, compositors: null };

const frame = (event: string, id: string | null, data: unknown, more = '') =>
  `event: ${event}\n${id === null ? '' : `id: ${id}\n`}${more}data: ${JSON.stringify(data)}\n\n`;
const snapshot = (id: string, reason: unknown = 'initial', view: unknown = whole) =>
  frame('snapshot', id, { reason, view, compositors: { wall }, tiles: {} });
const patch = (id: string | null, tiles: object = {}, compositors: object = {}) =>
  frame('patch', id, { compositors, tiles, time });
const synced = (id: string, digest: unknown = '0-00000000', more: object = {}) =>
  frame('synced', id, { revision: parseInt(id), time, degraded: false, digest, ...more });
const start = snapshot('5-aaaaaaaa~') + synced('5-aaaaaaaa');

/** Each breach of the protocol, and the words by which the checked copy reports it. */
const breaches: [string, string, RegExp][] = [
  ['a patch first', patch('5-aaaaaaaa'), /before a snapshot/],
  ['a synced first', synced('5-aaaaaaaa'), /before a snapshot/],
  ['a patch twice', start + patch('6-bbbbbbbb') + patch('6-bbbbbbbb'), /twice/],
  ['a patch at the snapshot’s own cursor', start + patch('5-aaaaaaaa'), /twice/],
  ['a patch back in time', start + patch('4-bbbbbbbb'), /back in time/],
  ['a synced back in time', start + synced('4-bbbbbbbb'), /back in time/],
  ['a fork', start + synced('5-bbbbbbbb'), /another history/],
  ['a gap back in time', start + snapshot('4-bbbbbbbb~', 'gap') + synced('4-bbbbbbbb'), /back in time/],
  ['an end before its beginning', snapshot('5-aaaaaaaa~') + synced('4-bbbbbbbb'), /back in time/],
  ['a snapshot whose id is whole', snapshot('5-aaaaaaaa'), /without a ~/],
  ['a patch whose id is half', start + patch('6-bbbbbbbb~'), /with a ~/],
  ['an unknown reason', snapshot('5-aaaaaaaa~', 'whim'), /for "whim"/],
  ['a gap for a new reader', snapshot('5-aaaaaaaa~', 'gap'), /sent no id/],
  ['a second initial', start + snapshot('6-bbbbbbbb~'), /for initial/],
  ['another view', snapshot('5-aaaaaaaa~', 'initial', { rect: '0,0,1,1', compositors: null }), /not of/],
  ['a view’s hash on the whole map', snapshot('5-aaaaaaaa~@12345678'), /the id's view/],
  ['an id that is none', start + patch('six'), /is not an event id/],
  ['a wrong digest', snapshot('5-aaaaaaaa~') + synced('5-aaaaaaaa', '1-00000000'), /digest/],
  ['no digest', snapshot('5-aaaaaaaa~') + synced('5-aaaaaaaa', null), /digest/],
  ['a digest that forgot a part', start + patch(null, { '0,0': tile }) + synced('6-bbbbbbbb'), /digest/],
  ['another revision than the id', start + synced('6-bbbbbbbb', '0-00000000', { revision: 7 }), /revision 7/],
  ['a synced that hides its health', start + synced('5-aaaaaaaa', undefined, { degraded: 1 }), /degraded/],
  ['a wrong time', start + synced('5-aaaaaaaa', undefined, { time: 1 }), /synced at 1/],
  ['a bye with an id', start + frame('bye', '5-aaaaaaaa', { reason: 'x' }, 'retry: 1\n'), /bye with an id/],
  ['a bye without retry', start + frame('bye', null, { reason: 'x' }), /without retry/],
  ['a frame after bye', start + frame('bye', null, { reason: 'x' }, 'retry: 1\n') + start, /after the bye/],
  ['broken JSON', 'event: snapshot\nid: 5-aaaaaaaa~\ndata: {\n\n', /not a JSON object/],
  [
    'a map missing',
    frame('snapshot', '5-aaaaaaaa~', { reason: 'initial', view: whole }),
    /without compositors/,
  ],
  ['a wrong tile key', start + patch('6-bbbbbbbb', { '01,1': tile }), /tile key/],
  ['half a tile', start + patch('6-bbbbbbbb', { '0,0': { brick: 'a' } }), /tile 0,0 is/],
  ['a compositor under another id', start + patch('6-bbbbbbbb', {}, { desk: wall }), /calls itself/],
  [
    'a huge part',
    start + patch(null, { '0,0': { ...tile, brick: 'x'.repeat(70_000) }, '0,1': null }),
    /part of/,
  ],
  [
    'a huge line',
    start + patch('6-bbbbbbbb', { '0,0': { ...tile, brick: 'x'.repeat(70_000) } }),
    /data line/,
  ],
];

for (const [name, stream, complaint] of breaches) {
  t.test(`the checked copy reports ${name}`, (t) => {
    const copy = new CheckedCopy();
    copy.open();
    feed(copy, stream);
    t.match(copy.violations.join('; '), complaint);
    t.end();
  });
}

t.test('it sees what is not in view', (t) => {
  const rect = parseRect('0,0,1,1');
  const copy = new CheckedCopy({ ...(rect && { rect }), compositors: new Set(['wall']) });
  copy.open();
  feed(copy, snapshot('5-aaaaaaaa~@12345678', 'initial', { rect: '0,0,1,1', compositors: ['wall'] }));
  feed(copy, synced('5-aaaaaaaa@12345678', null));
  t.strictSame(copy.violations, []);
  const outside = { '2,0': tile, '0,1': { ...tile, compositor: 'desk' } };
  feed(copy, patch('6-bbbbbbbb@12345678', outside, { desk: { id: 'desk' } }));
  t.equal(copy.violations.length, 3);
  feed(copy, synced('6-bbbbbbbb@12345678', '0-00000000'));
  t.match(copy.violations.at(-1), /not in view/);
  feed(copy, synced('6-bbbbbbbb@87654321', null));
  t.match(copy.violations.at(-1), /hash turned/);
  t.end();
});

t.test('a reader that was cut off inside a snapshot must get another', (t) => {
  const copy = new CheckedCopy();
  copy.open();
  feed(copy, snapshot('5-aaaaaaaa~'));
  t.notOk(copy.exact);
  copy.open();
  feed(copy, patch('6-bbbbbbbb'));
  t.match(copy.violations.at(-1), /before a snapshot/);
  t.end();
});

function feed(copy: CheckedCopy, stream: string): void {
  const items = new SseParser().push(new TextEncoder().encode(stream));
  for (const item of items) if (item.type === 'event') copy.take(item);
}
