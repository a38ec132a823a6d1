import type { Clock } from '../../domain/clock.ts';
import { Histogram } from '../../domain/histogram.ts';
import type { Store } from '../../domain/store.ts';
import { NO_TRACER, type Tracer } from '../../domain/tracer.ts';

/** The calls that wait for the store itself. Those that a store does not have count nothing. */
const CALLS = ['load', 'commit', 'head', 'read', 'leases', 'renew', 'refill', 'check'] as const;
export type StoreCall = (typeof CALLS)[number];

/** Upper bounds in seconds: an fsync takes from some tenths of a millisecond on, and a call is given up after 1.5 s. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** How long each kind of call to the store took, in seconds, and how many threw. */
export class StoreCalls {
  readonly durations: ReadonlyMap<StoreCall, Histogram> = new Map(
    CALLS.map((call) => [call, new Histogram(BOUNDS)]),
  );
  readonly failures = new Map<StoreCall, number>(CALLS.map((call) => [call, 0]));
}

type AnyCall = (...args: unknown[]) => unknown;

/** The same store, whose calls are measured. Whatever else it has is there as before. */
export function measuredStore<S extends Store>(
  store: S,
  { clock, calls, tracer = NO_TRACER }: { clock: Clock; calls: StoreCalls; tracer?: Tracer },
): S {
  /** What nobody waits for, such as the look for new commits once a second, is no trace of its own. */
  const traced = (call: StoreCall, run: () => Promise<unknown>) =>
    tracer.current ? tracer.span(`store ${call}`, { 'store.kind': store.kind }, run) : run();
  const measure =
    (call: StoreCall, run: AnyCall): AnyCall =>
    async (...args) => {
      const began = clock.monotonic();
      try {
        return await traced(call, async () => run(...args));
      } catch (error) {
        calls.failures.set(call, calls.failures.get(call)! + 1);
        throw error;
      } finally {
        calls.durations.get(call)!.observe((clock.monotonic() - began) / 1000);
      }
    };
  const made = new Map<PropertyKey, unknown>();
  return new Proxy(store, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      if (!made.has(key)) {
        // Bound to the store itself: private fields are not found through a proxy.
        const run = value.bind(target) as AnyCall;
        const call = CALLS.find((each) => each === key);
        made.set(key, call ? measure(call, run) : run);
      }
      return made.get(key);
    },
  });
}
