import type { LongWork } from '../../concurrency/long-work.ts';
import { keptPieces, type Pieces } from './json-pieces.ts';
import { joined, type Segment } from './text-piece.ts';

/** Up to this many bytes a text is put together at once, and compressed as a whole: brotli makes it smaller than its pieces are. */
export const SHORT_TEXT = 1024 * 1024;
/** Up to this many bytes it is put together for those who take it as it is: one write is cheaper than many. */
const ONE_WRITE = 16 * 1024 * 1024;

/** A long text that is there, for all who want it. Much of it are pieces of which the compressed text is kept, too. */
export class LongText {
  /** Bytes of the plain text. */
  readonly length: number;
  readonly #work: LongWork;
  readonly #segments: readonly Segment[];
  readonly #mayJoin: boolean;
  #whole: Buffer | undefined;

  /** `mayJoin`: there is memory for a second text, in one piece. */
  constructor(options: { work: LongWork; segments: readonly Segment[]; length: number; mayJoin: boolean }) {
    this.#work = options.work;
    this.#segments = options.segments;
    this.#mayJoin = options.mayJoin && options.length <= ONE_WRITE;
    this.length = options.length;
  }

  /** The plain text; undefined when it is too long for one Buffer. */
  get whole(): Buffer | undefined {
    return this.#mayJoin ? (this.#whole ??= joined(this.#segments)) : undefined;
  }

  /** Whoever takes them keeps this text in memory, and so its segments for all others. */
  async *pieces(): Pieces {
    yield* keptPieces(this.#work, this.#segments);
  }
}
