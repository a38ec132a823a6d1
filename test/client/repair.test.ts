import t, { type Test } from 'tap';
import type { Problem } from '../../src/client/stream-link.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { startLyingProxy, type Lie, type Replied } from '../commands/lying-proxy.ts';
import { build } from '../support/build.ts';
import { follow, hear, isExact, reached, until } from './following.ts';

const row = (y: number, count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${i * 8},${y}`, { brick: `at ${i * 8},${y}` }]),
  );

type Frame = (frame: string) => string;
const passed: Frame = (frame) => frame;

/** A daemon with tiles in many squares, behind a proxy: the first stream is what `lie` makes of each frame, and other replies what `reply` makes. */
async function behind(t: Test, lie: Frame, reply: Lie['reply'] = () => undefined) {
  const { app } = await build(t, { settings: { stream: { heartbeat: 0.2 } } });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ ...row(0, 90), ...row(40, 90) });
  const paths: string[] = [];
  const streams: unknown[] = [];
  const proxy = await startLyingProxy(t, url, {
    ask: ({ path }) => void paths.push(path),
    frames: ({ headers }) => {
      streams.push(headers['last-event-id']);
      const lies = streams.length === 1 ? lie : passed;
      return (frame) => [lies(frame)];
    },
    reply,
  });
  return { url, wall, proxy, paths, streams };
}

function problemsOf(map: ReturnType<typeof follow>): Problem[] {
  const problems: Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));
  return problems;
}

t.test('a tile that arrived wrong: its square is read again, and the stream goes on', async (t) => {
  const { url, wall, proxy, paths } = await behind(t, (frame) => frame.replace('"at 64,0"', '"at sixty"'));
  const map = follow(t, { url: proxy, view: '-5,0,70,99', compositor: 'wall' });
  const problems = problemsOf(map);
  const { cursor } = wall;
  await until(map, ({ tiles }) => tiles.get('64,0')?.brick === 'at 64,0', 'the right brick');
  await isExact(t, map, url, '&compositor=wall');
  t.match(problems, [{ kind: 'broken', detail: /^the digest is /, repaired: ['2,0'] }]);
  t.strictSame(paths, [
    '/manifest/stream?view=-5%2C0%2C70%2C99&compositor=wall',
    `/manifest/digests?view=-5%2C0%2C70%2C99&compositor=wall&at=${cursor}`,
    `/manifest?view=64%2C0%2C70%2C31&compositor=wall&at=${cursor}`,
  ]);
  await wall.patch({ '0,0': null, '65,5': { brick: 'new' } });
  await reached(map, wall.cursor);
  await isExact(t, map, url, '&compositor=wall');
  t.equal(paths.length, 3, 'over the same connection');
  t.equal(problems.length, 1);
});

t.test(
  'changes that got lost: removals, new tiles and a compositor come, and later changes stay',
  async (t) => {
    let drops = false;
    let arrived: () => void;
    const lost = new Promise<void>((resolve) => (arrived = resolve));
    const { url, wall, proxy, streams } = await behind(t, (frame) => {
      if (!drops) return frame;
      if (frame.includes('"16,0"')) arrived();
      return ': lost';
    });
    const map = follow(t, { url: proxy });
    const [heard, problems] = [hear(map), problemsOf(map)];
    await reached(map, wall.cursor);
    drops = true;
    const desk = await HttpPublisher.join(url, 'desk');
    await desk.patch({ '-1,-1': { brick: 'lost' } });
    await wall.patch({ '8,0': null, '16,0': { brick: 'lost' } });
    await lost;
    drops = false;
    await desk.patch({ '0,1': { brick: 'after' } });
    await reached(map, desk.cursor);
    await until(map, ({ tiles }) => tiles.get('16,0')?.brick === 'lost', 'what was lost');
    await isExact(t, map, url);
    t.ok(map.compositors.has('desk'));
    t.strictSame(heard.removed, ['8,0'], 'only what differs is shown');
    t.strictSame(heard.states, ['live']);
    t.match(problems, [{ kind: 'broken', repaired: ['0,0', '-1,-1'] }]);
    t.strictSame(streams, [undefined], 'over the same connection');
  },
);

const change = (from: RegExp, to: string) => (replied: Replied) => {
  replied.body = replied.body.replace(from, to);
};
const lies: Record<string, (replied: Replied) => void> = {
  'a daemon that has no digests': (replied) => (replied.status = 404),
  'no JSON': ({ headers }) => (headers['content-type'] = 'text/event-stream'),
  'digests that are not those of the stream': change(/"digest":"/, '$&9'),
  'a square that is wrong, too': change(/"at 64,0"/, '"at 65"'),
  'nothing that can be read': change(/"digests"/, '"other"'),
};
for (const [name, lie] of Object.entries(lies))
  t.test(`${name}: the client starts again from a snapshot`, async (t) => {
    const { url, wall, proxy, streams } = await behind(
      t,
      (frame) => frame.replace('"at 64,0"', '"at sixty"'),
      (_, replied) => lie(replied),
    );
    const map = follow(t, { url: proxy, maxRetry: 50 });
    const problems = problemsOf(map);
    await until(map, ({ tiles }) => tiles.get('64,0')?.brick === 'at 64,0', 'the right brick');
    await reached(map, wall.cursor);
    await isExact(t, map, url);
    t.match(problems, [{ kind: 'broken', detail: /^the digest is /, repaired: undefined }]);
    t.strictSame(streams, [undefined, undefined]);
  });

t.test('where many squares are wrong, a snapshot is quicker', async (t) => {
  const { url, wall, proxy, paths } = await behind(t, (frame) => frame.replaceAll('"at ', '"un '));
  const map = follow(t, { url: proxy, maxRetry: 50 });
  await until(map, ({ tiles }) => tiles.get('64,0')?.brick === 'at 64,0', 'the right brick');
  await reached(map, wall.cursor);
  await isExact(t, map, url);
  t.equal(paths.length, 3, 'two streams, and the digests');
});
