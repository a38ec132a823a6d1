import { Counter } from '../../domain/counter.ts';
import type { SnapshotReason } from './snapshot.ts';

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
  /** By reason. */
  readonly byes = new Counter();
}
