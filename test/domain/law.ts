import fc from 'fast-check';
import type { Test } from 'tap';

/** Holds `check` to be true of everything the arbitraries make; a failure shows the smallest counterexample. */
export function law<T extends [unknown, ...unknown[]]>(
  t: Test,
  name: string,
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void,
  numRuns = 300,
): void {
  t.doesNotThrow(() => fc.assert(fc.property(...arbitraries, check), { numRuns }), name);
}
