// `compositord verify` finds every promise kept by one, two and three replicas on a real Redis.
import t from 'tap';
import { runVerify } from '../commands/verify-run.ts';
import { Fleet } from './fleet.ts';
import { kept, SECONDS } from './kept.ts';

for (const replicas of [1, 2, 3]) {
  t.test(`${replicas} on one Redis`, { timeout: 60_000 }, async (t) => {
    const fleet = await Fleet.start(t, { replicas });
    await fleet.ready();
    const run = await runVerify(fleet.urls, SECONDS);
    t.equal(run.code, 0);
    kept(t, run);
  });
}
