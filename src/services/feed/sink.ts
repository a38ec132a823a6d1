import type { Frame } from './event.ts';

/** Where a reader's frames go: one HTTP response that is under way. Nothing here blocks or throws. */
export interface Sink {
  /** The reader takes frames compressed. */
  readonly gzip: boolean;
  /** Returns the bytes that it hands over, without the chunk framing of HTTP. */
  write(frame: Frame): number;
  /** What is written until {@link uncork} goes out in one piece. */
  cork(): void;
  uncork(): void;
  /** Part of what was written is still on its way. The sink's owner calls {@link StreamHandle.drained} when it has gone. */
  readonly draining: boolean;
  /** Ends the response well, after what was written. `reason` is for the log. */
  end(reason: string): void;
  /** Ends the response at once. */
  destroy(reason: string): void;
}

/** How the owner of a sink reports to the feed. */
export interface StreamHandle {
  drained(): void;
  closed(): void;
  /** Says `reason` and ends the stream; cuts it when its client does not read that. */
  end(reason: string): void;
}
