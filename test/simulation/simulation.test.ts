import t from 'tap';
import { run } from './run.ts';

/** About 15 seconds of them on a quiet machine; `node test/simulation/simulate.mjs --seeds 20000` tries more. */
const SEEDS = 1200;

t.test('the real services keep their promises in random interleavings of faults', async (t) => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { violations } = await run(seed);
    if (violations.length > 0)
      t.fail(`seed ${seed}: ${violations.join('; ')} (node test/simulation/simulate.mjs --seed ${seed})`);
  }
  t.pass(`${SEEDS} seeds`);
});

t.test('a seed is the same run every time, whatever ids are drawn', async (t) => {
  for (let seed = 1; seed <= 20; seed++) {
    const first = await run(seed, { trace: true });
    const second = await run(seed, { trace: true });
    t.equal(second.steps, first.steps, `seed ${seed}: as many steps`);
    t.strictSame(second.trace, first.trace, `seed ${seed}: the same trace`);
  }
});
