// FAILURES 27. A cheap question with a dear answer: reading the whole map, time travel to the oldest cursor and changes since
// then each held the event loop for as long as they took, seconds at a million tiles, and nobody else was answered.
import t from 'tap';
import { build } from '../support/build.ts';
import { Turns } from '../support/turns.ts';
import { filled } from './bulk.ts';

const TILES = 150_000;
const AT_ONCE = 5000;
/** Commits after the map was filled. */
const COMMITS = 2000;
/** Milliseconds of processor time that one turn may take on the slowest machine; `npm run bench turns` holds it to 20. */
const CEILING = 100;

t.test('no question holds the event loop', { timeout: 200_000 }, async (t) => {
  const { app, inject } = await build(t, { settings: { history: { bytes: 2 ** 30 } } });
  for (const id of ['wall', 'desk'])
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, ttl: 3600 } });
  for (let i = 0; i < TILES / AT_ONCE; i++)
    await app.publisher.patch(
      'wall',
      filled({ x: 0, y: i * 5, width: 1000, height: 5, name: 'w', brick: 40 }),
    );
  const before = app.replica.copy.head;
  // A few at a time: a write has two seconds, whatever the machine does meanwhile.
  for (let i = 0; i < COMMITS; i += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        app.publisher.patch(
          'desk',
          filled({ x: (i + n) % 500, y: -1 - ((i + n) % 7), width: 20, height: 1, name: `${i + n}` }),
        ),
      ),
    );
  const all = '-99999,-99999,99999,99999';
  const questions = [
    '/manifest',
    `/manifest?view=${all}`,
    '/manifest?compositor=wall&compositor=desk',
    `/manifest?at=${before}`,
    `/manifest?at=${before}&view=${all}`,
    `/manifest/changes?since=${before}`,
    '/manifest/changes?since=0-00000000',
    '/manifest/changes?since=0-00000000&view=9999,9999,9999,9999',
    '/manifest/digests',
    `/manifest/digests?at=${before}&view=7,7,990,143`,
    '/manifest/tiles',
    '/compositors/wall/tiles',
    `/compositors/wall/tiles?view=${all}`,
    '/manifest/history?limit=1000',
    '/compositors',
  ];
  for (const url of questions) {
    // Once before: what is compiled or collected the first time is no part of the question.
    await inject(url);
    // The whole documents are kept until the next commit.
    await app.publisher.patch('desk', filled({ x: 0, y: -20, width: 1, height: 1, name: url }));
    // Piece by piece: to join them would be a long turn of the test's own.
    const read = async () => {
      const reply = await app.server.inject({ url, payloadAsStream: true });
      let bytes = 0;
      for await (const piece of reply.stream()) bytes += (piece as Buffer).length;
      return { statusCode: reply.statusCode, bytes };
    };
    const turns = new Turns();
    const [one, other] = await Promise.all([read(), read()]);
    const { worst, p99 } = turns.end();
    t.equal(one.statusCode, 200, url);
    t.equal(one.bytes, other.bytes);
    t.ok(
      p99 < CEILING,
      `${url}: ${Math.round(worst)} ms at most, ${Math.round(p99)} ms p99, for ${one.bytes} bytes`,
    );
    t.comment(`${url}: ${worst.toFixed(1)} ms at most, ${p99.toFixed(1)} ms p99, ${one.bytes} bytes`);
  }
});

t.test(
  'a long answer is that of one cursor, whatever is committed meanwhile',
  { timeout: 100_000 },
  async (t) => {
    const { app, inject } = await build(t);
    const url = await app.listen();
    await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'wall', ttl: 3600 } });
    for (let i = 0; i < 5; i++)
      await app.publisher.patch(
        'wall',
        filled({ x: 0, y: i * 10, width: 400, height: 10, name: 'w', brick: 40 }),
      );
    const ended = new AbortController();
    const writing = (async () => {
      for (let i = 0; !ended.signal.aborted; i++)
        await app.publisher.patch(
          'wall',
          i % 3 === 0
            ? new Map(Array.from({ length: 40 }, (_, n) => [`${(i * 7 + n) % 400},${i % 50}`, null]))
            : filled({ x: (i * 11) % 380, y: i % 60, width: 20, height: 1, name: `${i}`, brick: 40 }),
        );
    })();
    for (const path of ['/manifest', '/manifest?view=0,0,399,59', '/manifest?compositor=wall']) {
      const answer = (await (await fetch(url + path)).json()) as { cursor: string; tiles: object };
      const past = (await (
        await fetch(`${url}${path}${path.includes('?') ? '&' : '?'}at=${answer.cursor}`)
      ).json()) as { tiles: object };
      t.same(answer, past, `${path} and the same at its cursor`);
      const changes = (await (
        await fetch(`${url}/manifest/changes?since=0-00000000&to=${answer.cursor}`)
      ).json()) as { tiles: Record<string, unknown> };
      const tiles = Object.fromEntries(Object.entries(changes.tiles).filter(([, tile]) => tile !== null));
      t.same(answer.tiles, tiles, `${path} and all changes up to its cursor`);
    }
    ended.abort();
    await writing;
  },
);
