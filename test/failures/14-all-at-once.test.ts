// FAILURES 14. After a restart all viewers come at once. Each is sent its head and, in its turn, its snapshot; no connection is reset, renewals
// are answered meanwhile, and those who leave while they wait take nothing along.
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { eventually } from './eventually.ts';
import { HttpPublisher } from './publisher.ts';
import { RawStream } from './raw-stream.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const STREAMS = 2000;
const TILES = 10_000;
/** One in so many leaves as soon as it has come. */
const LEAVES = 4;
const FOLLOWED = 8;
/** Seconds: some of them pass while the streams open. */
const TTL = 10;

t.test('2,000 viewers at once, each with a view of its own', { timeout: 110_000 }, async (t) => {
  const before = await startDaemon(t);
  const wall = await HttpPublisher.join(before.url, 'wall');
  await wall.patch(
    Object.fromEntries(
      Array.from({ length: TILES }, (_, i) => [`${i % 100},${Math.floor(i / 100)}`, { brick: `b-${i}` }]),
    ),
  );
  await before.stop();
  const { url, port } = await startDaemon(t, { dir: before.dir, port: before.port });
  await send('PUT', `${url}/compositors/renews`, { name: 'renews', ttl: TTL });

  const streams = Array.from({ length: STREAMS }, (_, i) => {
    const [x, y] = [i % 80, Math.floor(i / 80) * 3];
    return new RawStream({ port, path: `/manifest/stream?view=${x},${y},${x + 19},${y + 19}` });
  });
  t.teardown(() => streams.forEach((stream) => stream.destroy()));
  const leaving = streams.filter((_, i) => i % LEAVES === 0);
  const staying = streams.filter((_, i) => i % LEAVES !== 0);
  for (const stream of leaving) stream.socket.once('connect', () => stream.destroy());
  const views = Array.from({ length: FOLLOWED }, (_, i) => `${i},0,${i + 40},40`);
  const readers = views.map((view) => new ConformanceClient({ url, view, reconnect: false }));
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();

  let opening = true;
  const renewals: number[] = [];
  const renew = async () => {
    while (opening) renewals.push((await send('PUT', `${url}/compositors/renews/lease`, {})).status);
  };
  const renewing = renew();
  for (let i = 0; i < 5; i++) await wall.patch({ [`${i},${i}`]: { brick: 'meanwhile' } });
  await Promise.all(staying.map((stream) => stream.until('event: synced', 60_000)));
  opening = false;
  await renewing;

  t.ok(renewals.length > 0, `${renewals.length} renewals meanwhile`);
  t.strictSame([...new Set(renewals)], [200]);
  t.not((await send('GET', `${url}/compositors/renews`)).body.status, 'stale');
  const whole = staying.filter(({ text }) =>
    /event: opened\n.*event: snapshot\n.*event: synced\n/s.test(text),
  );
  t.equal(whole.length, staying.length, 'a snapshot each');
  await Promise.all(readers.map((reader) => reader.untilCursor(wall.cursor, 30_000)));
  for (const [i, reader] of readers.entries()) await sameAsManifest(t, reader, url, { view: views[i]! });
  await eventually(
    async () => (await send('GET', `${url}/health`)).body.readers === staying.length + FOLLOWED,
    'those who left are no readers any more',
    30_000,
  );
});
