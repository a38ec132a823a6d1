import t from 'tap';
import { repeat, sleep, waitAtMost, withDeadline, withTimeout } from '../../src/concurrency/timeout.ts';
import { ManualClock } from '../support/manual-clock.ts';

const never = new Promise<never>(() => undefined);
const late = () => new Error('late');

/** Work that lasts until the test ends it, with the signal that it got. */
function working(clock: ManualClock, ...parents: AbortSignal[]) {
  let end: (text: string) => void = () => undefined;
  let signal: AbortSignal | undefined;
  const work = (deadline: AbortSignal) => {
    signal = deadline;
    return new Promise<string>((resolve) => (end = resolve));
  };
  return { result: withDeadline(clock, 100, work, ...parents), signal: signal!, end };
}

t.test('a deadline aborts in time, and not once the work has ended', async (t) => {
  const clock = new ManualClock();
  const [late, ended] = [working(clock), working(clock)];
  await clock.advance(99);
  t.notOk(late.signal.aborted);
  ended.end('in time');
  t.equal(await ended.result, 'in time');
  await clock.advance(1);
  t.ok(late.signal.aborted);
  t.notOk(ended.signal.aborted);
});

t.test('a deadline aborts with any of its parents, also with one that aborted before', async (t) => {
  const clock = new ManualClock();
  const [a, b] = [new AbortController(), new AbortController()];
  const [running, ended] = [working(clock, a.signal, b.signal), working(clock, b.signal)];
  ended.end('in time');
  await ended.result;
  b.abort();
  t.ok(running.signal.aborted);
  t.notOk(ended.signal.aborted);
  t.ok(working(clock, a.signal, b.signal).signal.aborted);
});

t.test('an answer that is there when the timer fires goes first', async (t) => {
  const clock = new ManualClock();
  let answer: (text: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => (answer = resolve));
  // Due at the same time, and after the timer in order: as after a stall of the process.
  const result = withTimeout(clock, 100, work, late);
  const running = working(clock);
  clock.after(100, () => {
    answer('in time');
    running.end('in time');
  });
  await clock.advance(200);
  t.equal(await result, 'in time');
  t.equal(await running.result, 'in time');
  t.notOk(running.signal.aborted);
});

t.test('the work of a deadline may fail', async (t) => {
  const clock = new ManualClock();
  const failing = () => Promise.reject(new Error('failed'));
  await t.rejects(withDeadline(clock, 100, failing), { message: 'failed' });
});

t.test('what is repeated comes every time, until it is stopped', async (t) => {
  const clock = new ManualClock();
  let count = 0;
  const stop = repeat(clock, 100, () => (count += 1));
  await clock.advance(99);
  t.equal(count, 0);
  for (let i = 1; i <= 3; i++) {
    await clock.advance(i === 1 ? 1 : 100);
    t.equal(count, i);
  }
  stop();
  await clock.advance(200);
  t.equal(count, 3);
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
