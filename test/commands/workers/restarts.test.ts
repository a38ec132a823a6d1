import t from 'tap';
import { Restarts } from '../../../src/commands/workers/restarts.ts';

t.test(
  'each end at once waits twice as long for the next start, and the sixth in a row is the last',
  async (t) => {
    const restarts = new Restarts();
    t.strictSame(
      [0, 5, 9999, 0, 0, 0].map((served) => restarts.delayAfter(served)),
      [100, 200, 400, 800, 1600, undefined],
    );
  },
);

t.test('one that has served for a while starts the count anew', async (t) => {
  const restarts = new Restarts();
  for (let round = 0; round < 3; round++)
    t.strictSame(
      [10_000, 0, 0, 0, 0].map((served) => restarts.delayAfter(served)),
      [100, 200, 400, 800, 1600],
    );
});
