import t from 'tap';
import { Deadline } from '../../src/concurrency/deadline.ts';
import { sleep, waitAtMost, withTimeout } from '../../src/concurrency/timeout.ts';
import { ManualClock } from '../support/manual-clock.ts';

const never = new Promise<never>(() => undefined);
const late = () => new Error('late');

t.test('a deadline aborts in time, and not once it is cleared', async (t) => {
  const clock = new ManualClock();
  const deadline = new Deadline(clock, 100);
  const cleared = new Deadline(clock, 100);
  await clock.advance(99);
  t.notOk(deadline.signal.aborted);
  cleared.clear();
  await clock.advance(1);
  t.ok(deadline.signal.aborted);
  t.notOk(cleared.signal.aborted);
});

t.test('a deadline aborts with any of its parents, also with one that aborted before', async (t) => {
  const clock = new ManualClock();
  const [a, b] = [new AbortController(), new AbortController()];
  const deadline = new Deadline(clock, 100, a.signal, b.signal);
  const cleared = new Deadline(clock, 100, b.signal);
  cleared.clear();
  b.abort();
  t.ok(deadline.signal.aborted);
  t.notOk(cleared.signal.aborted);
  t.ok(new Deadline(clock, 100, a.signal, b.signal).signal.aborted);
});

t.test('an answer that is there when the timer fires goes first', async (t) => {
  const clock = new ManualClock();
  let answer: (text: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (answer = resolve));
  // Due at the same time, and after the timer in order: as after a stall of the process.
  const result = withTimeout(clock, 100, work, late);
  const deadline = new Deadline(clock, 100);
  clock.after(100, () => {
    answer('in time');
    deadline.clear();
  });
  await clock.advance(200);
  t.equal(await result, 'in time');
  t.notOk(deadline.signal.aborted);
});

t.test('withTimeout gives the result, the error, or the timeout', async (t) => {
  const clock = new ManualClock();
  t.equal(await withTimeout(clock, 100, Promise.resolve(1), late), 1);
  await t.rejects(withTimeout(clock, 100, Promise.reject(new Error('failed')), late), { message: 'failed' });
  const timeout = t.rejects(withTimeout(clock, 100, never, late), { message: 'late' });
  await clock.advance(100);
  await timeout;
});

t.test('waitAtMost ends with the work, however that ends, or after the time', async (t) => {
  const clock = new ManualClock();
  t.equal(await waitAtMost(clock, 100, Promise.resolve()), true);
  t.equal(await waitAtMost(clock, 100, Promise.reject(new Error('failed'))), true);
  const waited = waitAtMost(clock, 100, never);
  await clock.advance(100);
  t.equal(await waited, false);
});

t.test('sleep', async (t) => {
  const clock = new ManualClock();
  let awake = false;
  const slept = sleep(clock, 100).then(() => (awake = true));
  await clock.advance(99);
  t.equal(awake, false);
  await clock.advance(1);
  await slept;
});
