import { Readable } from 'node:stream';
import { Semaphore } from '../../concurrency/semaphore.ts';
import type { StoredFile } from '../../domain/brick-files.ts';
import type { ByteRange } from '../../domain/byte-range.ts';
import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';
import { IdleTimeout } from '../proxy/idle-timeout.ts';

/** Files that are sent at a time: each is open for as long as its client takes. */
const MOST_STREAMS = 64;
/** Milliseconds without a byte after which a client is given up. */
const IDLE = 60_000;

/** Large files, sent as their clients take them. */
export class FileStreams {
  readonly #clock: Clock;
  readonly #places = new Semaphore(MOST_STREAMS);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The bytes of a range; the file is closed when they have ended. Throws `overloaded`, and leaves the file open then. */
  async open(file: StoredFile, { start, end }: ByteRange): Promise<Readable> {
    if (this.#places.isFull)
      throw new DomainError('overloaded', 'too many large pictures are on their way', { retryAfter: 1 });
    const release = await this.#places.acquire();
    const idle = new IdleTimeout(this.#clock, IDLE);
    const bytes = idle.watch(Readable.from(file.read(start, end), { objectMode: false }));
    idle.signal.addEventListener('abort', () => bytes.destroy(new Error('the client takes nothing')));
    return bytes.once('close', () => {
      idle.clear();
      release();
      void file.close();
    });
  }
}
