import fc from 'fast-check';
import t from 'tap';
import { emptyPatch } from '../../../src/domain/patch.ts';
import { finish } from '../../../src/domain/steps.ts';
import type { Tile } from '../../../src/domain/tile.ts';
import {
  encodeEvent,
  encodeFrame,
  LINE_LIMIT,
  PART_LIMIT,
  PatchEncoder,
  timeMember,
} from '../../../src/services/feed/event.ts';
import { encodeLargePatch } from '../../../src/services/feed/large-event.ts';
import { codePoint } from '../../support/arbitraries.ts';
import { SseParser, type SseEvent } from '../../../src/conformance/sse-parser.ts';

/** As UTF-8 brings it over: a lone surrogate becomes U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function parse(bytes: Uint8Array): SseEvent[] {
  return new SseParser().push(bytes).filter((item) => item.type === 'event');
}

t.test('a frame is the same events with and without its chunk', async (t) => {
  const made = encodeFrame(encodeEvent('patch', '1-00000000', '{"wörld":"…"}'));
  const text = made.chunked.toString();
  const [size = ''] = text.split('\r\n', 1);
  t.equal(parseInt(size, 16), made.bare.length);
  t.equal(text, `${size}\r\n${made.bare.toString()}\r\n`);
  t.match(parse(made.bare), [{ event: 'patch', id: '1-00000000', data: '{"wörld":"…"}' }]);
});

t.test('FAILURES 25: no name or brick can forge a field of the stream', async () => {
  const hostile = fc.oneof(
    fc.string({ unit: codePoint }),
    fc.constantFrom(
      '\r\n\r\nevent: snapshot\r\ndata: {}',
      '\nid: 9-99999999\n',
      '\u2028\u2029\0',
      '": null}',
      '</script>',
    ),
  );
  fc.assert(
    fc.property(hostile, hostile, (brick, name) => {
      const text = new PatchEncoder();
      const tile: Tile = { brick, timestamp: 1, compositor: 'a' };
      text.add('0,0', tile);
      text.add('a', { name } as never);
      const events = parse(encodeFrame(text.finish('patch', '1-00000000', '', '')).bare);
      if (events.length !== 1 || events[0]!.id !== '1-00000000') return false;
      const data = JSON.parse(events[0]!.data) as {
        tiles: Record<string, Tile>;
        compositors: { a: { name: string } };
      };
      return data.tiles['0,0']!.brick === wellFormed(brick) && data.compositors.a.name === wellFormed(name);
    }),
    { numRuns: 2000 },
  );
});

t.test('a large commit is one event whose lines stay short, and still the same JSON', async (t) => {
  const text = new PatchEncoder();
  const tiles = new Map<string, Tile>();
  for (let i = 0; i < 10_000; i++) {
    const tile = { brick: '砖'.repeat(1 + (i % 255)), timestamp: i, compositor: 'a' };
    tiles.set(`${i},${-i}`, tile);
    text.add(`${i},${-i}`, tile, Infinity);
  }
  const made = encodeFrame(text.finish('patch', '7-00000000', '', ',"time":"x"'));
  const longest = Math.max(
    ...made.bare
      .toString()
      .split('\n')
      .map((line) => Buffer.byteLength(line)),
  );
  t.ok(longest <= LINE_LIMIT, `the longest line has ${longest} bytes`);
  const events = parse(made.bare);
  t.equal(events.length, 1);
  t.strictSame(JSON.parse(events[0]!.data), { compositors: {}, tiles: Object.fromEntries(tiles), time: 'x' });
});

t.test('a part takes no more than its limit, but always one entry', async (t) => {
  const text = new PatchEncoder();
  const tile = { brick: 'x'.repeat(255), timestamp: 1, compositor: 'a' };
  let taken = 0;
  while (text.add(`${taken},0`, tile)) taken += 1;
  t.equal(text.size, taken);
  t.ok(text.bytes <= PART_LIMIT);
  t.ok(encodeFrame(text.finish('patch', undefined, '', '')).bare.length <= LINE_LIMIT);
  t.ok(new PatchEncoder().add('0,0', { ...tile, brick: 'x'.repeat(100_000) }));
});

t.test('encoded in steps, a patch of very many entries is the same event', async (t) => {
  const patch = emptyPatch();
  for (const id of ['wall', 'désk']) patch.compositors.set(id, null);
  for (let i = 0; i < 5000; i++) {
    const tile = { brick: `${'ü煉🧱'.repeat(i % 9)}-${i}`, timestamp: i, compositor: 'wall' };
    patch.tiles.set(`${i},-${i}`, i % 3 === 0 ? null : tile);
  }
  for (const part of [patch, { ...emptyPatch(), tiles: patch.tiles }, { ...patch, tiles: new Map() }]) {
    const encoder = new PatchEncoder();
    for (const entries of [part.compositors, part.tiles])
      for (const [name, value] of entries) encoder.add(name, value, Infinity);
    const whole = encodeFrame(encoder.finish('patch', '7-0a0b0c0d', '', timeMember(0)));
    const inSteps = finish(encodeLargePatch(part, '7-0a0b0c0d', timeMember(0)));
    t.ok(inSteps.chunked.equals(whole.chunked), 'with its chunk');
    t.ok(inSteps.bare.equals(whole.bare), 'without');
  }
});
