// FAILURES 25 (forging). Bricks, names, labels and owners that hold CR, LF, NUL, U+2028 or `event: x` must not forge fields
// of the stream that a second client reads. What the grammar refuses changes nothing; what it takes arrives as it was sent.
import t from 'tap';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { readOpening } from './opening.ts';
import { HttpPublisher } from './publisher.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const FORGED = 'event: bye\ndata: {"reason":"forged"}\n\n';
/** No text that people are shown may hold these. */
const REFUSED: Record<string, string> = {
  LF: `a\n${FORGED}`,
  CR: `a\r${FORGED.replaceAll('\n', '\r')}`,
  'CR LF': `a\r\n${FORGED.replaceAll('\n', '\r\n')}`,
  'LF alone': '\n',
  NUL: 'a\0b',
  escape: '\x1b[2J',
  DEL: 'a\x7f',
  'next line': 'a\u0085b',
  'line separator': 'a\u2028b',
  'paragraph separator': 'a\u2029b',
  'half a surrogate pair': 'a\ud800b',
  'an override of direction': '\u202e right to left',
  nothing: '',
};
/** These are letters like any others. */
const TAKEN = [
  'event: bye',
  'data: {"reason":"forged"}',
  'id: 999-00000000',
  ': a comment',
  'retry: 1',
  '\\n\\nevent: bye\\ndata: {}',
  '","compositor":"someone-else","x":"',
  '}}\\u000a',
  '</script><script>alert(1)</script>',
  '\ufeffa byte order mark',
  '💥 é ü 漢',
  '__proto__',
  'constructor',
  '%0a%0d',
];

t.test('hostile text from one client in the stream of another', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall', { labels: { room: 'lobby' } });
  await wall.patch({ '0,0': { brick: 'honest' } });
  const reader = new ConformanceClient({ url, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);
  const live = await readOpening(t, `${url}/manifest/stream`);
  const here = `${url}/compositors/wall`;

  const attempts: [string, string, (text: string) => unknown][] = [
    ['PATCH', `${here}/tiles`, (text) => ({ '0,0': { brick: text } })],
    ['PUT', `${here}/tiles`, (text) => ({ '0,0': { brick: text } })],
    ['PATCH', `${here}/tiles`, (text) => ({ [`0,0${text}1`]: { brick: 'b' } })],
    ['PATCH', here, (text) => ({ name: text })],
    ['PATCH', here, (text) => ({ platform: text })],
    ['PATCH', here, (text) => ({ version: text })],
    ['PATCH', here, (text) => ({ address: text })],
    ['PATCH', here, (text) => ({ capabilities: [text] })],
    ['PATCH', here, (text) => ({ labels: { room: `${text}\n` } })],
    ['PATCH', here, (text) => ({ labels: { [text]: 'x' } })],
    ['POST', `${url}/compositors`, (text) => ({ name: 'new', id: text })],
    ['POST', `${url}/compositors`, (text) => ({ name: 'new', instance: text })],
    ['PUT', `${url}/compositors/new`, (text) => ({ name: text })],
  ];
  for (const [method, target, body] of attempts) {
    for (const [what, text] of Object.entries(REFUSED)) {
      const reply = await send(method, target, body(text));
      const where = `${method} ${target.slice(url.length)} ${JSON.stringify(body('?'))} with ${what}`;
      t.equal(reply.status, 400, where);
      t.equal(reply.body.type, '/problems/invalid-request');
      t.equal(reply.body.errors[0].field[0], '/', `${where}: names the field`);
    }
  }
  t.equal(app.replica.copy.head, wall.cursor, 'nothing of it was committed');
  for (const id of ['a%0ab', 'a%00b', '%E2%80%A8', '..%2f', 'A'])
    t.equal((await send('PUT', `${url}/compositors/${id}`, { name: 'x' })).status, 400, id);
  t.equal(app.replica.copy.head, wall.cursor);

  for (const [i, text] of TAKEN.entries()) {
    await wall.patch({ [`${i},1`]: { brick: text } });
    const change = { name: text, platform: text.slice(0, 64), capabilities: [text], labels: { room: text } };
    t.equal((await send('PATCH', here, change)).status, 200, text);
  }
  for (const key of ['__proto__', 'constructor', 'toString'])
    t.match((await send('PATCH', here, JSON.parse(`{"labels":{"${key}":"x"}}`))).status, /200|400/, key);
  const head = app.replica.copy.head;
  await reader.untilCursor(head);
  await sameAsManifest(t, reader, url);
  for (const [i, text] of TAKEN.entries())
    t.equal(reader.copy.tiles.get(`${i},1`)?.brick, text, JSON.stringify(text));
  t.equal(Object.getPrototypeOf({}).room, undefined, 'no prototype was touched');
  const { unknown, byes, snapshots } = reader.counts;
  t.strictSame(
    { unknown, byes, snapshots },
    { unknown: 0, byes: 0, snapshots: 1 },
    'not one event was forged',
  );

  for (let event = await live.next(); event; event = await live.next()) {
    t.equal(event.event, 'patch', 'raw, too');
    t.equal(event.retry, undefined);
    if (event.id === head) break;
  }
  const late = await readOpening(t, `${url}/manifest/stream`);
  t.match(late.names, /^snapshot (patch )?synced$/);
  for (const [i, text] of TAKEN.entries())
    t.equal(late.tiles.get(`${i},1`)?.brick, text, 'and in a snapshot');
});

t.test('an id or a view that a client sends back does not come back in its stream', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  for (const since of ['\nevent: bye\n\n', '\r\r', '1-00000000\nid: 5', '\u2028']) {
    const opening = await readOpening(t, `${url}/manifest/stream?since=${encodeURIComponent(since)}`);
    t.equal(opening.names, 'snapshot synced', encodeURIComponent(since));
  }
  for (const query of ['compositor=a%0aevent:%20bye%0a%0a', 'view=0,0,1,1%0a%0aevent:%20bye'])
    t.equal((await send('GET', `${url}/manifest/stream?${query}`)).status, 400, query);
});
