import t from 'tap';
import { ReadBudget, ReadLimit } from '../../../src/services/tile-socket/read-limit.ts';
import { ManualClock } from '../../support/manual-clock.ts';

function start(sockets = 1) {
  const clock = new ManualClock();
  const budget = new ReadBudget();
  const done: string[] = [];
  const limits = Array.from(
    { length: sockets },
    (_, i) =>
      new ReadLimit(clock, budget, {
        pause: () => done.push(`pause ${i}`),
        resume: () => done.push(`resume ${i}`),
      }),
  );
  return { clock, done, limits };
}

const count = (limit: ReadLimit | undefined, messages: number, bytes = 0) => {
  for (let i = 0; i < messages; i++) limit!.count(bytes);
};

t.test('who sends too much is not read until there is time for it', async (t) => {
  const { clock, done, limits } = start();
  // The last ones were on their way when the pause began.
  count(limits[0], 1040);
  t.same(done, ['pause 0']);
  await clock.advance(99);
  t.same(done, ['pause 0']);
  await clock.advance(2);
  t.same(done, ['pause 0', 'resume 0'], '1,000 messages take 100 ms');
});

t.test('long messages take longer', async (t) => {
  const { clock, done, limits } = start();
  count(limits[0], 104, 16_384);
  t.same(done, ['pause 0']);
  await clock.advance(45);
  t.same(done, ['pause 0']);
  await clock.advance(10);
  t.same(done, ['pause 0', 'resume 0'], 'a hundred of them 50 ms');
});

t.test('those who send too much share the time, and nobody else waits', async (t) => {
  const { clock, done, limits } = start(11);
  for (const limit of limits.slice(1)) count(limit, 1040);
  count(limits[0], 40);
  t.notOk(done.includes('pause 0'));
  await clock.advance(999);
  t.ok(done.filter((each) => each.startsWith('resume')).length >= 9);
  t.notOk(done.includes('resume 10'));
  await clock.advance(2);
  t.ok(done.includes('resume 10'), 'ten times 1,000 messages take a second');
});

t.test('who moves a camera at the rate of a screen, and more, is read all the time', async (t) => {
  const { clock, done, limits } = start();
  for (let i = 0; i < 1000; i++) {
    count(limits[0], 3, 200);
    await clock.advance(8);
  }
  t.same(done, []);
});
