import { parseArgs } from 'node:util';
import { run } from './run.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    /** Stops at so many failures. */
    most: { type: 'string', default: '10' },
  },
});

if (values.seed !== undefined) {
  const { violations, trace, steps } = await run(Number(values.seed), { trace: true });
  console.log(trace.join('\n'));
  console.log(
    `seed ${values.seed}: ${steps} steps, ${violations.length === 0 ? 'all well' : violations.join('; ')}`,
  );
  if (violations.length > 0) process.exitCode = 1;
} else {
  const kinds = new Map<string, { count: number; first: number; what: string }>();
  const began = performance.now();
  const from = Number(values.from);
  let seed = from;
  let failed = 0;
  for (; seed < from + Number(values.seeds) && failed < Number(values.most); seed++) {
    const { violations } = await run(seed);
    if (violations.length > 0) failed += 1;
    for (const each of violations) {
      const [kind = ''] = each.split(':');
      const known = kinds.get(kind) ?? { count: 0, first: seed, what: each };
      kinds.set(kind, { ...known, count: known.count + 1 });
    }
  }
  for (const [kind, { count, first, what }] of kinds)
    console.log(
      `${kind.padEnd(18)} ${String(count).padStart(5)}  first: --seed ${first}  ${what.slice(0, 300)}`,
    );
  const seconds = (performance.now() - began) / 1000;
  console.log(`${seed - from} seeds in ${seconds.toFixed(1)} s, ${failed} failed`);
  if (failed > 0) process.exitCode = 1;
}
