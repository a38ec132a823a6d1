import { Counter } from '../../domain/counter.ts';
import { Histogram } from '../../domain/histogram.ts';
import type { SnapshotReason } from './snapshot.ts';

/** Upper bounds in seconds. Below a millisecond the clocks of two machines tell nothing. */
const DELAYS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** What the feed has done since the start, for the metrics. */
export class FeedCounts {
  /** Frames handed to sockets, and their bytes without the chunk framing of HTTP. */
  frames = 0;
  bytes = 0;
  /** How often a round skipped a reader whose socket was full; it is sent several commits as one patch later. */
  conflated = 0;
  readonly snapshots: Record<SnapshotReason, number> = { initial: 0, gap: 0, reset: 0 };
  /** How often a stream changed its view. */
  reAims = 0;
  /** Seconds from a commit to its frame, for each frame to a reader that lacked nothing before it. */
  readonly delays = new Histogram(DELAYS);
  /** By reason. */
  readonly byes = new Counter();
}
