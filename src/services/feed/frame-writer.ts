import type { Frame } from './event.ts';
import type { ReaderContext } from './reader-context.ts';
import type { Sink } from './sink.ts';

/** Writes the frames of one reader, and counts those that its socket has not taken. */
export class FrameWriter {
  readonly sink: Sink;
  /** When the last frame was written, on the monotonic clock. */
  lastFrameAt: number;
  /** The revision of the last id it was sent. */
  sentRevision = 0;
  readonly #context: ReaderContext;
  /** Bytes of its frames that its socket has not taken, about. */
  #unsent = 0;

  constructor(sink: Sink, context: ReaderContext) {
    this.sink = sink;
    this.#context = context;
    this.lastFrameAt = context.clock.monotonic();
  }

  get draining(): boolean {
    return this.sink.draining;
  }

  /** Writes a frame. `revision`: that of its id; absent for half a map and its parts. */
  write(frame: Frame, revision?: number): void {
    const { clock, counts } = this.#context;
    if (revision !== undefined) this.sentRevision = revision;
    this.lastFrameAt = clock.monotonic();
    const bytes = this.sink.write(frame);
    counts.frames += 1;
    counts.bytes += bytes;
    if (!this.sink.draining) return;
    this.#unsent += bytes;
    this.#context.unsent += bytes;
  }

  /** What `work` writes goes out in one piece. */
  together<T>(work: () => T): T {
    this.sink.cork();
    try {
      return work();
    } finally {
      this.sink.uncork();
    }
  }

  /** The socket has taken everything, or will take nothing more. */
  settle(): void {
    this.#context.unsent -= this.#unsent;
    this.#unsent = 0;
  }

  /** Writes the last frame and ends the stream. */
  end(last: Frame, reason: string): void {
    this.sink.write(last);
    this.sink.end(reason);
  }
}
