// A Redis that is away: at the start, killed, frozen; and one that is there and cannot be used.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { readOpening } from '../failures/opening.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Random } from '../simulation/random.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';
import { MAIN } from '../support/daemon.ts';
import { Fleet, status } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';

t.test('away at the start: it listens, says so, and comes up by itself', async (t) => {
  const port = await freePort();
  const dir = await temporaryFolder(t);
  await writeFile(
    join(dir, 'compositord.yaml'),
    'listed:\n  name: Listed\n  address: 127.0.0.1\n  port: 5000\n',
  );
  const { url } = await startDaemon(t, { dir, store: `redis://127.0.0.1:${port}` });
  t.equal(await status(`${url}/health/live`), 200);
  t.equal(await status(`${url}/health/ready`), 503);
  t.match((await send('GET', `${url}/health`)).body, {
    status: 'warn',
    store: { kind: 'redis', state: 'away', reason: 'unreachable' },
    loaded: false,
    degraded: true,
  });
  for (const path of ['', '/changes?since=1-00000000', '/history', '?at=1-00000000', '?revision=1']) {
    const reply = await send('GET', `${url}/manifest${path}`);
    t.equal(reply.body.type, '/problems/store-unavailable', path);
    t.ok(reply.headers.has('retry-after'));
  }
  const write = await send('PUT', `${url}/compositors/wall`, { name: 'Wall' });
  t.equal(write.body.type, '/problems/store-unavailable');
  const opening = await readOpening(t, `${url}/manifest/stream`);
  t.equal(opening.stream.status, 200);
  t.equal(opening.names, 'bye');

  await startRedis(t, { port });
  await eventually(async () => (await status(`${url}/health/ready`)) === 200, 'it is ready');
  await eventually(
    async () => (await status(`${url}/compositors/listed`)) === 200,
    'the compositor of the configuration is there',
  );
  await HttpPublisher.join(url, 'wall');
  t.match((await send('GET', `${url}/health`)).body, { status: 'pass', compositors: 2 });
});

for (const how of ['killed', 'frozen'] as const)
  t.test(`${how}: the last known good, said to be so, and back by itself`, { timeout: 60_000 }, async (t) => {
    const fleet = await Fleet.start(t, {
      redis: { args: ['--appendonly', 'yes', '--appendfsync', 'always'] },
    });
    const [one, two] = fleet.urls as [string, string];
    const wall = await HttpPublisher.join(one, 'wall');
    const cursor = await wall.patch({ '0,0': { brick: 'kept' } });
    await send('GET', `${two}/manifest?atLeast=${cursor}`);
    const readers = await hoppers(t, () => fleet.urls, new Random(4), 4);
    await Promise.all(readers.map(({ reader }) => reader.untilCursor(cursor)));

    if (how === 'killed') await fleet.redis.stop('SIGKILL');
    else fleet.redis.freeze();
    t.teardown(() => fleet.redis.thaw());
    const begun = performance.now();
    // As long as nothing was noticed, too.
    for (let i = 0; i < 5; i++) {
      const asked = performance.now();
      const write = await send('PATCH', `${two}/compositors/wall/tiles`, { '1,1': { brick: 'late' } });
      const took = performance.now() - asked;
      t.equal(write.status, 503);
      t.match(write.body.type, /store-unavailable|outcome-unknown/);
      t.ok(took < 30_000, `a write is answered, and soon: ${took} ms`);
    }
    for (const url of fleet.urls) {
      await eventually(async () => (await status(`${url}/health/ready`)) === 503, 'not ready');
      t.equal(await status(`${url}/health/live`), 200);
      const read = await send('GET', `${url}/manifest`);
      t.equal(read.headers.get('manifest-degraded'), 'true');
      t.equal(read.body.tiles['0,0'].brick, 'kept');
      t.equal(await status(`${url}/manifest?at=${cursor}`), 200);
    }
    await Promise.all(
      readers.map(({ reader }) => reader.until(({ copy }) => copy.degraded, 60_000, 'degraded')),
    );
    t.ok(performance.now() - begun < 90_000);
    t.strictSame(
      readers.map(({ reader }) => reader.counts.connections),
      [1, 1, 1, 1],
      'the streams stay',
    );
    const again = await readOpening(t, `${two}/manifest/stream`, cursor);
    t.equal(again.names, 'synced', 'and resume, where the place is known');
    const unknown = await readOpening(t, `${two}/manifest/stream`, '999-00000000');
    t.equal(unknown.names, 'bye', 'and are sent away where it is not');

    if (how === 'killed') await fleet.redis.restart();
    else fleet.redis.thaw();
    await fleet.ready(10_000);
    await Promise.all(
      readers.map(({ reader }) => reader.until(({ copy }) => !copy.degraded, 60_000, 'not degraded')),
    );
    await wall.patch({ '2,2': { brick: 'after' } });
    const manifest = await fleet.allOne(readers);
    t.equal(manifest.tiles['2,2'].brick, 'after');
    for (const { reader } of readers) t.equal(reader.counts.snapshots, 1);
  });

t.test('one that can never be used: one line, and the end', async (t) => {
  const redis = await startRedis(t);
  const locked = await startRedis(t, { args: ['--requirepass', 'right'], password: 'right' });
  const client = redis.client();
  await client.set('{newer}:format', '5');
  await client.set('{taken}:log', 'not ours');
  const dir = await temporaryFolder(t);
  const cases: [string, string, RegExp][] = [
    [redis.url, 'newer', /knows only 4: use the newer compositord/],
    [redis.url, 'taken', /its key \{taken\}:log is a string, not a stream/],
    [`redis://:wrong@127.0.0.1:${locked.port}`, 'compositord', /it refuses the user or the password/],
    [locked.url, 'compositord', /it requires a password/],
  ];
  const http = await startDaemon(t);
  cases.push([`redis://127.0.0.1:${http.port}`, 'compositord', /what answers there is not a Redis/]);
  await Promise.all(
    cases.map(async ([store, namespace, why]) => {
      const listen = `--listen=127.0.0.1:${await freePort()}`;
      const args = [MAIN, 'serve', listen, `--store=${store}`, `--namespace=${namespace}`];
      const program = new Program(t, process.execPath, args, { cwd: dir });
      const { code } = await program.exited;
      t.equal(code, 1, String(why));
      t.match(program.stderr, why);
      t.equal(
        program.stderr
          .trim()
          .split('\n')
          .filter((line) => !line.startsWith('{')).length,
        1,
        'one line',
      );
      t.notMatch(program.stderr, /wrong@/);
      t.equal(program.stdout, '');
    }),
  );
});
