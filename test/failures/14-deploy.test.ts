// FAILURES 14. SIGTERM with 5,000 streams: each gets `bye` and a well-formed end, the process exits 0 within the grace, the
// times to come back are spread out (no second holds more than twice the mean), and a client that resumes loses and repeats nothing.
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import t from 'tap';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { HttpPublisher } from './publisher.ts';
import { RawStream } from './raw-stream.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const STREAMS = 5000;
const AT_ONCE = 100;
const FOLLOWED = 40;
const VIEWS = [undefined, '0,0,5,5', '50,50,60,60'];
/** Seconds; the default. */
const GRACE = 8;

t.test('5,000 streams', { timeout: 110_000 }, async (t) => {
  const before = await startDaemon(t, { args: ['--log-level=warn'] });
  const wall = await HttpPublisher.join(before.url, 'wall');
  await wall.patchMany(20, 'old', (i) => `${i},${i}`);
  const streams: RawStream[] = [];
  t.teardown(() => streams.forEach((stream) => stream.destroy()));
  const openSome = async () => {
    while (streams.length < STREAMS - FOLLOWED) {
      const stream = new RawStream({ port: before.port });
      streams.push(stream);
      await stream.until('event: synced');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openSome));
  const readers = Array.from({ length: FOLLOWED }, (_, i) => {
    const view = VIEWS[i % VIEWS.length];
    return new ConformanceClient({ url: before.url, maxRetry: 500, ...(view !== undefined && { view }) });
  });
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();
  await Promise.all(readers.map((reader) => reader.untilCursor(wall.cursor)));
  t.equal((await send('GET', `${before.url}/health`)).body.readers, STREAMS);

  // The signal comes while a round is under way.
  await wall.patch({ '1,1': { brick: 'last' }, '55,55': { brick: 'last' } });
  const signalled = performance.now();
  const exit = await before.stop('SIGTERM');
  const took = (performance.now() - signalled) / 1000;
  t.strictSame(exit, { code: 0, signal: null });
  t.ok(took < GRACE, `within the grace: ${took.toFixed(1)} s`);

  const after = await startDaemon(t, { dir: before.dir, port: before.port, args: ['--log-level=warn'] });
  await Promise.all(streams.map((stream) => stream.closed));
  t.equal(streams.filter(({ wellFormed }) => wellFormed).length, streams.length, 'well-formed ends');
  const goodbyes = streams.filter((stream) =>
    /event: bye\ndata: \{"reason":"shutdown"\}\n\n/.test(stream.text),
  );
  t.equal(goodbyes.length, streams.length, 'a bye each');
  const seconds = new Map<number, number>();
  for (const { retry } of streams)
    seconds.set(Math.floor(retry / 1000), (seconds.get(Math.floor(retry / 1000)) ?? 0) + 1);
  const first = Math.min(...seconds.keys());
  const window = Math.max(...seconds.keys()) - first + 1;
  t.ok(window >= 4, `they come back over ${window} s`);
  const mean = streams.length / window;
  t.ok(
    Math.max(...seconds.values()) <= 2 * mean,
    `no second is crowded: ${JSON.stringify([...seconds].sort())}`,
  );

  const fresh = await HttpPublisher.join(after.url, 'wall');
  await fresh.patchMany(5, 'new', (i) => `${i},${i}`);
  await Promise.all(readers.map((reader) => reader.untilCursor(fresh.cursor, 30_000)));
  for (const [i, reader] of readers.entries()) {
    const view = VIEWS[i % VIEWS.length];
    await sameAsManifest(t, reader, after.url, view === undefined ? {} : { view }, `reader ${i}`);
    t.equal(reader.counts.snapshots, 1, 'no second snapshot');
    t.equal(reader.counts.byes, 1);
    t.equal(reader.counts.cut, 0);
  }
});

t.test('requests in flight are finished, and nothing new is taken', { timeout: 60_000 }, async (t) => {
  const daemon = await startDaemon(t);
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  // The server has the head of these, and waits for the rest of their bodies.
  const halves = await Promise.all(
    Array.from({ length: 20 }, (_, i) => halfSent(daemon.port, `{"${i},0":{"brick":`)),
  );
  const polling = send('GET', `${daemon.url}/manifest/changes?since=${wall.cursor}&wait=30`);
  const reader = new ConformanceClient({ url: daemon.url, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);

  daemon.signal('SIGTERM');
  await reader.until(({ counts }) => counts.byes === 1, 30_000, 'its bye');
  await t.rejects(send('GET', `${daemon.url}/health`), 'no new connection');
  const replies = await Promise.all(halves.map((half) => half.finish('"in flight"}}')));
  for (const reply of replies) {
    t.equal(reply.status, 200);
    t.match(reply.body.cursor, /^\d+-[0-9a-f]{8}$/);
  }
  t.equal((await polling).status, 200, 'a long poll does not wait for its end');
  t.strictSame(await daemon.exited, { code: 0, signal: null });

  const again = await startDaemon(t, { dir: daemon.dir });
  const { body } = await send('GET', `${again.url}/manifest`);
  t.equal(Object.keys(body.tiles).length, 20, 'all that was answered 2xx is there');
  const last = replies.map((reply) => reply.body.cursor).sort((a, b) => parseInt(b) - parseInt(a))[0];
  t.equal(body.cursor, last);
});

interface Half {
  finish(rest: string): Promise<{ status: number; body: { cursor: string } }>;
}

/** A PATCH whose body stops in its middle; resolves when the server has taken its head. */
async function halfSent(port: number, start: string): Promise<Half> {
  const path = '/compositors/wall/tiles';
  const headers = { 'Content-Type': 'application/json', Expect: '100-continue' };
  const sent = request({ port, host: '127.0.0.1', method: 'PATCH', path, headers, agent: false });
  const answered = new Promise<{ status: number; body: { cursor: string } }>((resolve, reject) => {
    sent.on('error', reject);
    sent.on('response', (response) => {
      text(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) as { cursor: string } }),
        reject,
      );
    });
  });
  // Whoever finishes it sees the error.
  answered.catch(() => undefined);
  await new Promise<void>((resolve, reject) => {
    sent.on('continue', resolve).on('error', reject);
    sent.flushHeaders();
  });
  sent.write(start);
  return {
    finish: (rest) => {
      sent.end(rest);
      return answered;
    },
  };
}
