import t from 'tap';
import { watchStalls } from '../../src/concurrency/stall-watch.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** A clock that jumps ahead of its timers when the process stands still. */
class StallingClock extends ManualClock {
  #stood = 0;

  override monotonic(): number {
    return super.monotonic() + this.#stood;
  }

  stand(ms: number): void {
    this.#stood += ms;
  }
}

t.test('a process that stood still is noticed when it goes on', async (t) => {
  const clock = new StallingClock();
  const stalls: number[] = [];
  const stop = watchStalls(clock, (ms) => stalls.push(ms));
  await clock.advance(10_000);
  clock.stand(1500);
  await clock.advance(5000);
  t.strictSame(stalls, [], 'a busy machine is none');
  clock.stand(30_000);
  await clock.advance(5000);
  t.strictSame(stalls, [30_000]);
  stop();
  clock.stand(30_000);
  await clock.advance(5000);
  t.equal(stalls.length, 1);
});
