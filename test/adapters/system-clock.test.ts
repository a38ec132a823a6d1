import t from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { ended, forkChild } from './child.ts';

const clock = new SystemClock();

t.test('it tells the time, and a time that never goes back', async (t) => {
  t.ok(Math.abs(clock.now() - Date.now()) < 1000);
  const before = clock.monotonic();
  t.ok(clock.monotonic() >= before);
});

t.test('it waits at least as long as asked, and runs in order', async (t) => {
  const start = clock.monotonic();
  const order: string[] = [];
  // The clock's own timers do not keep the process: this one stands for the rest of a daemon.
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => {
    clock.after(30, () => {
      order.push('later');
      resolve();
    });
    clock.after(-5, () => order.push('at once'));
    clock.soon(() => order.push('soon'));
  });
  clearInterval(alive);
  t.same(order.sort(), ['at once', 'later', 'soon']);
  t.ok(clock.monotonic() - start >= 29);
});

t.test('a wait that was cancelled, or is longer than a timer can hold, does not run', async (t) => {
  let runs = 0;
  const run = () => {
    runs += 1;
  };
  clock.after(1, run)();
  const cancel = clock.after(2 ** 40, run);
  const alive = setInterval(() => undefined, 1000);
  await new Promise<void>((resolve) => clock.after(20, resolve));
  clearInterval(alive);
  cancel();
  t.equal(runs, 0);
});

t.test('a wait does not keep the process', async (t) => {
  t.equal(await ended(forkChild(t, 'waiting-child.ts')), 0);
});
