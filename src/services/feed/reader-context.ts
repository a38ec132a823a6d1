import type { Clock } from '../../domain/clock.ts';
import type { Replica } from '../manifest/replica.ts';
import type { FeedCounts } from './feed-counts.ts';
import type { FeedLimits } from './limits.ts';
import type { ViewGroup } from './view-group.ts';

/** What all readers of a feed share. */
export interface ReaderContext {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly counts: FeedCounts;
  readonly limits: FeedLimits;
  /** Bytes: a longer catch-up is sent as a snapshot. */
  readonly buffer: number;
  /** Bytes of frames that wait in sockets which do not take them, about. */
  unsent: number;
  /** Whether the view of a group has one reader only. */
  readonly isAlone: (group: ViewGroup) => boolean;
}
