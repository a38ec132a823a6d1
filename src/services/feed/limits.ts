import { PART_LIMIT } from './event.ts';

/** How much the feed does at a time. The simulation makes these small, so that a few tiles already come in parts. */
export interface FeedLimits {
  /** Bytes of the entries in one part. */
  readonly part: number;
  /** Parts handed over in one go: a fast socket must not keep the others waiting. */
  readonly partsAtOnce: number;
  /** A reader may always owe this many entries before it is cheaper to start over. */
  readonly pendingNames: number;
  /** Readers visited before others get their turn of the event loop. */
  readonly slice: number;
}

export const FEED_LIMITS: FeedLimits = { part: PART_LIMIT, partsAtOnce: 8, pendingNames: 1000, slice: 256 };
