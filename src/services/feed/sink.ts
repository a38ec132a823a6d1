import type { Frame } from './event.ts';

/** Where a reader's frames go: one HTTP response that is already under way. Nothing here blocks or throws. */
export interface Sink {
  write(frame: Frame): void;
  /** Part of what was written is still on its way. Its owner calls {@link StreamHandle.drained} when it has gone. */
  readonly draining: boolean;
  /** Ends the response well, after what was written. */
  end(): void;
  /** Ends it at once. */
  destroy(): void;
}

/** What the owner of a sink tells the feed. */
export interface StreamHandle {
  drained(): void;
  closed(): void;
  /** Says `bye` and ends the stream; at once, when its client does not read that. */
  end(reason: string): void;
}
