// FAILURES 18. Redis is frozen, then dead, then back. Liveness stays 200, readiness turns within 5 s, every call is answered
// within 2 s, reads serve the last known good and say so, nothing piles up, and the tail goes on without a restart.
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { Fleet, KEEPS_ALL, status } from '../replicas/fleet.ts';
import { hoppers } from '../replicas/hopping-reader.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';

/** Milliseconds; 2 s and what a busy machine adds. */
const BOUND = 3000;

t.test('frozen under load, killed, restarted', { timeout: 60_000 }, async (t) => {
  const fleet = await Fleet.start(t, { redis: { args: KEEPS_ALL } });
  const [one, two] = fleet.urls as [string, string];
  const wall = await HttpPublisher.join(one, 'wall');
  const cursor = await wall.patch({ '0,0': { brick: 'kept' } });
  const readers = await hoppers(t, () => fleet.urls, new Random(18), 4);
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(cursor)));
  const before = await memory(fleet.daemons[1]!.pid);

  fleet.redis.freeze();
  t.teardown(() => fleet.redis.thaw());
  const frozen = performance.now();
  const slow: string[] = [];
  const timed = async (method: string, path: string, body?: object) => {
    const begun = performance.now();
    const reply = await send(method, `${two}${path}`, body);
    const took = performance.now() - begun;
    if (took > BOUND) slow.push(`${method} ${path}: ${took} ms`);
    return reply;
  };
  let writes = 0;
  while (performance.now() - frozen < 8000) {
    const replies = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2 === 0
          ? timed('PATCH', '/compositors/wall/tiles', { [`${i},1`]: { brick: 'x'.repeat(200) } })
          : timed('GET', ['/manifest', `/manifest?at=${cursor}`, '/health/live'][i % 3]!),
      ),
    );
    for (const [i, reply] of replies.entries()) {
      if (i % 2 === 0) {
        writes++;
        if (reply.status !== 503) t.fail(`a write was answered ${reply.status}`);
      } else if (reply.status !== 200) t.fail(`a read was answered ${reply.status}`);
    }
  }
  t.ok(writes > 50, `${writes} writes were refused`);
  t.strictSame(slow, []);
  t.equal(await status(`${two}/health/ready`), 503);
  t.equal((await send('GET', `${two}/manifest`)).headers.get('manifest-degraded'), 'true');
  const grown = (await memory(fleet.daemons[1]!.pid)) - before;
  t.ok(grown < 80, `nothing is kept of ${writes} refused writes: ${grown} MiB more`);

  await fleet.redis.stop('SIGKILL');
  t.equal(await status(`${two}/health/live`), 200);
  t.equal((await timed('PUT', '/compositors/wall/lease')).status, 503);
  await delay(500);
  await fleet.redis.restart();
  for (const url of fleet.urls)
    await eventually(async () => (await status(`${url}/health/ready`)) === 200, 'ready again');
  const after = await wall.patch({ '1,1': { brick: 'after' } });
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(after)));
  await fleet.allOne(readers);
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1);
});

/** MiB that a process has in memory. */
async function memory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(text)![1]) / 1024;
}
