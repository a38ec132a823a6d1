import t from 'tap';
import { BackgroundJob } from '../../src/concurrency/background-job.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A job whose runs end when the test says so. */
function jobWith(clock: ManualClock) {
  const runs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const job = new BackgroundJob(
    clock,
    () => new Promise<void>((resolve, reject) => runs.push({ resolve, reject })),
  );
  return { job, runs };
}

t.test('one run at a time; what is wanted meanwhile is one more', async (t) => {
  const clock = new ManualClock();
  const { job, runs } = jobWith(clock);
  t.equal(runs.length, 0);
  for (let i = 0; i < 3; i++) job.begin();
  t.equal(runs.length, 1);
  runs[0]!.resolve();
  await clock.advance(0);
  t.equal(runs.length, 2);
  runs[1]!.resolve();
  await clock.advance(10_000);
  t.equal(runs.length, 2);
  job.begin();
  t.equal(runs.length, 3);
});

t.test('a run that fails is tried again, a second later, and nobody hears of it', async (t) => {
  const clock = new ManualClock();
  const { job, runs } = jobWith(clock);
  job.begin();
  for (const failed of [1, 2, 3]) {
    runs.at(-1)!.reject(new Error('away'));
    await clock.advance(999);
    job.begin();
    t.equal(runs.length, failed);
    await clock.advance(1);
    t.equal(runs.length, failed + 1);
  }
  runs.at(-1)!.resolve();
  await clock.advance(10_000);
  t.equal(runs.length, 4);
});

t.test('after close() no run begins, whatever was under way', async (t) => {
  for (const state of ['idle', 'running', 'pausing']) {
    const clock = new ManualClock();
    const { job, runs } = jobWith(clock);
    if (state !== 'idle') job.begin();
    if (state === 'pausing') runs[0]!.reject(new Error('away'));
    await clock.advance(1);
    const before = runs.length;
    job.close();
    job.begin();
    runs[0]?.reject(new Error('closed'));
    await clock.advance(10_000);
    t.equal(runs.length, before, state);
  }
});
