import type { Clock } from '../../domain/clock.ts';
import type { View } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import type { FeedCounts } from './feed-counts.ts';
import type { FeedLimits } from './limits.ts';
import type { Sink } from './sink.ts';
import type { ViewGroup } from './view-group.ts';

/** What all readers of a feed share. `R`: the readers, which know it, too. */
export interface ReaderContext<R = never> {
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
  /** Puts a reader among those of another view; returns their group. */
  readonly moveTo: (reader: R, view: View) => ViewGroup;
}

/** What a reader is opened with. */
export interface ReaderOptions {
  /** The id by which its client names the stream. */
  readonly stream: string;
  /** Whose it is: the key of a principal. */
  readonly owner: string;
  /** When this connection is to end, on the monotonic clock. */
  readonly endsAt: number;
  readonly sink: Sink;
  readonly group: ViewGroup;
}
