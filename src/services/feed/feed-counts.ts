import { Counter } from '../../domain/counter.ts';
import type { SnapshotReason } from './snapshot.ts';

/** What the feed has done since the start, for whoever watches it. */
export class FeedCounts {
  /** Frames handed to sockets, and their bytes without the framing of HTTP. */
  frames = 0;
  bytes = 0;
  /** How often a reader was passed over because its socket still drained, to be sent several changes as one. */
  conflated = 0;
  readonly snapshots: Record<SnapshotReason, number> = { initial: 0, gap: 0, reset: 0 };
  /** By the reason of their `bye`. */
  readonly dismissed = new Counter();
}
