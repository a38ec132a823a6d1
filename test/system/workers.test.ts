// One daemon of two workers: what one of them commits is in the streams of the other, commands, leases and sessions work through
// either, and one scrape answers for both. One that is killed is missed by nobody: its streams come back, and nothing is lost.
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { eventually } from '../failures/eventually.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { moreWrites, whileWriting, writers } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { APART, isAlive, processes } from './worker-processes.ts';

async function metricsOf(url: string): Promise<Record<string, number>> {
  const { body } = await send('GET', `${url}/metrics`, undefined, APART);
  const lines = (body as string).match(/^\w+ [\d.]+$/gm) ?? [];
  return Object.fromEntries(
    lines.map((line) => line.split(' ')).map(([name, value]) => [name!, Number(value)]),
  );
}

function readers(t: Test, url: string): ConformanceClient[] {
  const all = [1, 2, 3, 4].map((n) => new ConformanceClient({ url, name: `reader ${n}`, maxRetry: 50 }));
  t.teardown(() => Promise.all(all.map((reader) => reader.disconnect())));
  for (const reader of all) reader.connect();
  return all;
}

t.test('two workers are one daemon', { timeout: 110_000 }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--workers=2', '--shutdown-grace=6'] });
  const { url } = daemon;

  await t.test(
    'requests and streams are spread over both, and a commit is in the streams of both',
    async (t) => {
      const answered = new Set<number>();
      for (let i = 0; i < 4; i++) {
        const { body } = await send('GET', `${url}/health`, undefined, APART);
        t.match(body.workers, { count: 2, running: 2 });
        answered.add(body.workers.answered as number);
      }
      t.strictSame([...answered].sort(), [1, 2]);
      const all = readers(t, url);
      const wall = await HttpPublisher.join(url, 'wall');
      for (let i = 0; i < 20; i++) await wall.patch({ [`${i},0`]: { brick: `brick ${i}` } });
      for (const reader of all) {
        await reader.untilCursor(wall.cursor, 30_000);
        await sameAsManifest(t, reader, url);
      }
      const metrics = await metricsOf(url);
      t.match(metrics, {
        compositord_stream_readers: 4,
        compositord_manifest_revision: 21,
        compositord_manifest_tiles: 20,
        compositord_manifest_commits_total: 21,
        compositord_workers: 2,
        compositord_workers_unanswered_total: 0,
      });
      t.ok(metrics['compositord_stream_frames_total']! >= 8);
    },
  );

  await t.test('a command reaches its compositor through either worker, and a repeat is known', async (t) => {
    const peer = await HttpPeer.start(t);
    const { protocol, address, port } = peer.target;
    await send('PUT', `${url}/compositors/peer`, { name: 'Peer', protocol, address, port, ttl: 3600 });
    const connected = async () => (await send('GET', `${url}/compositors/peer`)).body.status === 'connected';
    await eventually(connected, 'it is connected');
    const command = (headers = {}) =>
      send('POST', `${url}/compositors/peer/commands`, { command: 'zoom' }, { ...APART, ...headers });
    for (let i = 0; i < 4; i++) t.match(await command(), { status: 200, body: { ok: true } });
    const replies = [];
    for (let i = 0; i < 4; i++) replies.push(await command({ 'idempotency-key': 'k' }));
    for (const { body } of replies) t.strictSame(body, replies[0]!.body);
    t.equal(peer.commands.length, 5, 'of the four with one key only the first was sent');
    t.equal((await send('DELETE', `${url}/compositors/peer`, undefined, APART)).status, 200);
  });

  await t.test('a lease is renewed through either', async (t) => {
    const { body } = await send('PUT', `${url}/compositors/brief`, { name: 'brief', ttl: 60 }, APART);
    const headers = { ...APART, 'Lease-Generation': body.lease.generation as string };
    for (let i = 0; i < 4; i++)
      t.equal((await send('PUT', `${url}/compositors/brief/lease`, undefined, headers)).status, 200);
  });

  await t.test('a worker is killed under writers and readers', async (t) => {
    const all = readers(t, url);
    const random = new Random(5);
    const writing = await writers(() => [url], random);
    const before = processes(daemon);
    t.equal(before.size, 2);
    const framesBefore = (await metricsOf(url))['compositord_stream_frames_total']!;
    await whileWriting(writing, [], async () => {
      await moreWrites(writing, 10);
      for (const number of [1, 2]) {
        const pid = processes(daemon).get(number)!;
        process.kill(pid, 'SIGKILL');
        await moreWrites(writing, 10);
        await eventually(
          async () => processes(daemon).get(number) !== pid,
          `worker ${number} is there again`,
          30_000,
        );
      }
    });
    const { body: manifest } = await send('GET', `${url}/manifest`);
    for (const reader of all) {
      await reader.untilCursor(manifest.cursor as string, 30_000);
      await sameAsManifest(t, reader, url);
      t.equal(reader.counts.snapshots, 1, 'each came back to its place');
    }
    for (const writer of writing) writer.check(t, manifest);
    const metrics = await metricsOf(url);
    t.match(metrics, { compositord_workers: 2, compositord_worker_ends_total: 2 });
    t.ok(metrics['compositord_stream_frames_total']! >= framesBefore, 'no counter went back');
  });

  await t.test('SIGTERM: every stream has its bye, and the exit code is 0', async (t) => {
    const ends = new Set<number>();
    const clients = [1, 2, 3, 4].map(
      (n) =>
        new ConformanceClient({
          url,
          name: `last ${n}`,
          reconnect: false,
          onEvent: ({ event }) => event === 'bye' && ends.add(n),
        }),
    );
    t.teardown(() => Promise.all(clients.map((client) => client.disconnect())));
    for (const client of clients) client.connect();
    const { cursor } = (await send('GET', `${url}/manifest`)).body;
    for (const client of clients) await client.untilCursor(cursor as string, 30_000);
    const workers = [...processes(daemon).values()];
    t.strictSame(await daemon.stop(), { code: 0, signal: null });
    await eventually(async () => ends.size === 4, 'all have had it');
    t.notOk(workers.some(isAlive));
  });
});

t.test('SIGKILL of the primary ends the workers', { timeout: 60_000 }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--workers=2'] });
  const workers = [...processes(daemon).values()];
  t.ok(workers.every(isAlive));
  await daemon.stop('SIGKILL');
  await eventually(async () => !workers.some(isAlive), 'they have ended');
});

t.test(
  'a worker that ends again and again ends the whole, with one line',
  { timeout: 110_000 },
  async (t) => {
    const daemon = await startDaemon(t, { args: ['--workers=2', '--shutdown-grace=2'] });
    const killed = new Set<number>();
    const watching = new AbortController();
    const killing = (async () => {
      while (!watching.signal.aborted) {
        const pid = processes(daemon).get(2)!;
        if (!killed.has(pid) && isAlive(pid)) process.kill(pid, 'SIGKILL');
        killed.add(pid);
        await delay(20);
      }
    })();
    t.strictSame(await daemon.exited, { code: 1, signal: null });
    watching.abort();
    await killing;
    t.equal(killed.size, 6);
    const plain = daemon.stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('{'));
    t.strictSame(plain, ['compositord serve: worker 2 ends again and again, the last time by SIGKILL']);
    t.notOk([...processes(daemon).values()].some(isAlive));
  },
);
