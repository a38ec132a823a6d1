import fc from 'fast-check';
import { ENDLESS, fuzzRequest, isLast, type FuzzRequest } from './requests.ts';

/** How the bytes of a connection are sent and its answers taken. All times are in milliseconds. */
export type Delivery =
  /** All at once; the answers are read as they come. */
  | { readonly how: 'whole' }
  /** The next request only when the one before was answered. */
  | { readonly how: 'in-turn' }
  /** All requests at once, and no answer is read for a while. */
  | { readonly how: 'unread'; readonly ms: number }
  /** In a few pieces. */
  | { readonly how: 'pieces'; readonly at: readonly number[]; readonly ms: number }
  /** The first bytes one by one. */
  | { readonly how: 'bytewise'; readonly count: number }
  /** A part of it, then silence, then an end. `at`: 0 to 1. */
  | {
      readonly how: 'cut';
      readonly at: number;
      readonly ms: number;
      readonly end: 'half-close' | 'close' | 'reset';
    }
  /** All of it, and the end of what is sent; the answers are read. */
  | { readonly how: 'half-closed' };

/** One connection: what goes over it, and how. */
export interface FuzzCase {
  readonly requests: readonly FuzzRequest[];
  readonly delivery: Delivery;
}

const pieces = fc.record({
  how: fc.constant('pieces' as const),
  at: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 4 }),
  ms: fc.integer({ min: 0, max: 15 }),
});
const cut = fc.record({
  how: fc.constant('cut' as const),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  ms: fc.integer({ min: 0, max: 30 }),
  end: fc.constantFrom('half-close' as const, 'close' as const, 'reset' as const),
});
const whole = fc.constant({ how: 'whole' as const });
const inTurn = fc.constant({ how: 'in-turn' as const });
const bytewise = fc.record({
  how: fc.constant('bytewise' as const),
  count: fc.integer({ min: 10, max: 250 }),
});
const halfClosed = fc.constant({ how: 'half-closed' as const });
const unread = fc.record({ how: fc.constant('unread' as const), ms: fc.integer({ min: 0, max: 150 }) });

/**
 * Of many requests at once only the last may be no HTTP, end the connection, or have an answer without end: what comes
 * behind rightly gets nothing.
 */
function answerable(requests: readonly FuzzRequest[]): FuzzRequest[] {
  return requests.filter(
    (each, i) =>
      i === requests.length - 1 || (each.wellFormed && !isLast(each) && !ENDLESS.has(each.operation)),
  );
}

const several = (
  delivery: fc.Arbitrary<Delivery>,
  minLength: number,
  maxLength: number,
): fc.Arbitrary<FuzzCase> =>
  fc.record({ requests: fc.array(fuzzRequest, { minLength, maxLength, size: 'max' }), delivery });

export const fuzzCase: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 60, arbitrary: several(whole, 1, 1) },
  { weight: 20, arbitrary: several(inTurn, 2, 8) },
  { weight: 10, arbitrary: several(cut, 1, 3) },
  { weight: 6, arbitrary: several(pieces, 1, 3) },
  { weight: 4, arbitrary: several(halfClosed, 1, 3) },
  { weight: 2, arbitrary: several(bytewise, 1, 1) },
  { weight: 4, arbitrary: several(unread, 2, 20) },
  {
    weight: 1,
    arbitrary: several(unread, 20, 200).map((each) => ({ ...each, requests: answerable(each.requests) })),
  },
);

/** Always the same case for a seed and a number. */
export function caseOf(seed: number, number: number): FuzzCase {
  // Neighbouring seeds of fast-check's generator give unlike cases; a multiplier keeps the runs of neighbouring seeds apart.
  const [made] = fc.sample(fuzzCase, { seed: Math.imul(seed, 0x9e3779b1) ^ number, numRuns: 1 });
  return made!;
}
