// FAILURES 26 to 34, in one run: the daemon meets one hostile client of each kind, one after the other, and outlives them in the
// memory of a container of 512 MiB while every honest request is answered and no renewed lease ends. `npm run bench hostile`
// tells how long the honest ones wait.
import t from 'tap';
import { p99 } from './hostile/honest-fleet.ts';
import { HostileRun } from './hostile/hostile-run.ts';

/** MiB. */
const MEMORY = 512;

t.test('each kind of hostile client', { timeout: 280_000 }, async (t) => {
  const run = await HostileRun.start(t);
  for await (const { kind, deliveries, writes, failures } of run.attacks()) {
    t.comment(
      `${kind}: p99 of changes ${Math.round(p99(deliveries))} ms, of writes ${Math.round(p99(writes))} ms`,
    );
    t.strictSame([...new Set(failures)].slice(0, 10), [], `${kind}: the honest ones are served`);
    t.ok(deliveries.length > 0 && writes.length > 0, `${kind}: readers see what is written meanwhile`);
  }
  t.ok(run.peakMemory < MEMORY, `within ${MEMORY} MiB: ${run.peakMemory.toFixed(0)}`);
  await run.end();
  t.strictSame(await run.daemon.stop(), { code: 0, signal: null });
});
