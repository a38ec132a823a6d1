import { PART_LIMIT } from './event.ts';

/** How much the feed does at a time. The simulation makes these small, so that a few tiles already come in parts. */
export interface FeedLimits {
  /** Bytes of the entries in one part. */
  readonly part: number;
  /** Entries that are looked at for one part: a view may show few of those in its rectangle. */
  readonly lookedAt: number;
  /** Parts that one reader is sent in one go: a fast socket must not keep the others waiting. A part takes about 2 ms. */
  readonly partsAtOnce: number;
  /** Parts of a snapshot that a reader is sent before another view interrupts it. */
  readonly partsBeforeReAim: number;
  /** So many changed entries may always wait for a reader before a new snapshot is cheaper. */
  readonly pendingNames: number;
  /** Readers visited before the event loop runs other work. */
  readonly slice: number;
}

export const FEED_LIMITS: FeedLimits = {
  part: PART_LIMIT,
  lookedAt: 4000,
  partsAtOnce: 2,
  partsBeforeReAim: 4,
  pendingNames: 1000,
  slice: 256,
};

/** The settings `stream.*`. */
export interface FeedSettings {
  /** Seconds without a frame after which a reader is sent `synced`. */
  readonly heartbeat: number;
  /** Seconds after which a connection ends, give or take a tenth. */
  readonly maxAge: number;
  /** Seconds after which a client reconnects, give or take a half. */
  readonly retry: number;
  /** Bytes: several commits that are larger together are not handed to a socket in one piece. */
  readonly buffer: number;
  /** Readers beyond this number are sent `bye`. */
  readonly maxReaders: number;
}
