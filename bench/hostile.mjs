// What 100 honest readers and 10 honest compositors notice of one hostile client of each kind, one after the other. The daemon has
// default settings and the heap that Node gives itself in a container of 512 MiB.
import { buildTests } from '../scripts/build-tests.mjs';

/** Milliseconds. */
const PROMISED = 250;
/** MiB. */
const MEMORY = 512;

export async function hostile(lab) {
  await buildTests();
  const { HostileRun } = await import('../dist-test/system/hostile/hostile-run.js');
  const { p99 } = await import('../dist-test/system/hostile/honest-fleet.js');
  const run = await HostileRun.start(lab);
  const rows = [];
  for await (const { kind, deliveries, writes, failures } of run.attacks())
    rows.push({
      ...row(`${kind}, p99 of changes and writes`, Math.max(p99(deliveries), p99(writes)), PROMISED, 'ms'),
      note: failures.length === 0 ? '' : `${failures.length} not served, such as ${failures[0]}`,
    });
  return [...rows, row('the most memory of the daemon', run.peakMemory, MEMORY, 'MiB')];
}

function row(what, value, limit, unit) {
  const ratio = value / limit;
  const ours = `${Math.round(value)} ${unit}`;
  return { what: `hostile: ${what}`, ours, other: `${limit} ${unit}`, ratio, target: 1, atMost: true };
}
