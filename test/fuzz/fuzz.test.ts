import t, { type Test } from 'tap';
import { FuzzRun } from './fuzz-run.ts';
import { summaryOf } from './main.ts';

/**
 * Good and hostile requests to every operation over real sockets; `npm run fuzz` sends as many as one likes. Each reply is
 * as the contract says, and at the end the daemon holds no more than before.
 */

// Generous: on a busy machine computing takes longer, too.
const STALL = 500;

async function fuzz(t: Test, seed: number): Promise<void> {
  const result = await FuzzRun.run(t, {
    seed,
    requests: 1000,
    stall: STALL,
    print: (line) => t.comment(line),
  });
  t.comment(summaryOf(result, seed));
  t.strictSame(result.faults, [], `npm run fuzz -- --requests 1000 --seed ${seed}`);
  t.ok(result.requests >= 1000);
  for (const name of ['2xx', '4xx']) t.ok((result.byClass.get(name) ?? 0) > 50, `${name} among the replies`);
}

// The same each time: `npm run fuzz` looks for what nobody has seen. The second seed asks for compressed replies by `*`.
for (const seed of [1, 603190967]) t.test(`1,000 requests of the seed ${seed}`, async (t) => fuzz(t, seed));
