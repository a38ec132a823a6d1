import { write, writeSync } from 'node:fs';
import { isatty } from 'node:tty';

/** Bytes of lines that wait for the log's reader; a whole minute of a busy daemon. */
const MOST_WAITING = 2 ** 20;
/** Bytes that are written at once. */
const PIECE = 64 * 1024;
/** Milliseconds between two tries while the reader's pipe is full. */
const RETRY = 50;
/** Milliseconds that the end of the process waits for the reader to take the last lines. */
const LAST_LINES = 200;

export interface LogDestinationOptions {
  /** The file descriptor. */
  readonly fd: number;
  readonly most?: number;
  /** Makes sure that a write to it does not wait; called before each. */
  readonly unblock?: (() => void) | undefined;
}

/**
 * Writes lines to a file descriptor and never waits for whoever reads them: a reader that stands still must not stop the daemon. Lines beyond
 * what may wait are dropped and counted.
 */
export class LogDestination {
  /** How many lines were dropped. */
  dropped = 0;
  /** What is written for a line. */
  format: (line: string) => string = (line) => line;
  /** Called with how many lines were dropped in a row, when the reader reads again. */
  onDropped: (lines: number) => void = () => undefined;
  readonly #fd: number;
  readonly #most: number;
  readonly #unblock: () => void;
  #lines: string[] = [];
  /** Bytes of {@link #lines} and of {@link #piece}. */
  #waiting = 0;
  /** What is being written. */
  #piece = Buffer.alloc(0);
  #writing = false;
  /** A thread is writing {@link #piece}. */
  #underWay = false;
  #announced = 0;
  readonly #onDrained: (() => void)[] = [];

  constructor({ fd, most = MOST_WAITING, unblock = () => undefined }: LogDestinationOptions) {
    this.#fd = fd;
    this.#most = most;
    this.#unblock = unblock;
  }

  /** Takes one line, with its end. */
  write(plain: string): void {
    const line = this.format(plain);
    const bytes = Buffer.byteLength(line);
    if (this.#waiting + bytes > this.#most) {
      this.dropped += 1;
      return;
    }
    this.#lines.push(line);
    this.#waiting += bytes;
    if (!this.#writing) this.#begin();
  }

  /** At the end of the process: writes what waits, as far as the reader takes it at once. */
  end(): void {
    const late = performance.now() + LAST_LINES;
    if (this.#underWay) {
      // The thread ends with the process, and not before its piece is written.
      pause();
      this.#wrote(this.#piece.length);
    }
    while (this.#waiting > 0) {
      if (this.#piece.length === 0) this.#takePiece();
      try {
        this.#unblock();
        this.#wrote(writeSync(this.#fd, this.#piece));
      } catch (error) {
        if (!isFull(error) || performance.now() > late) return;
        pause();
      }
    }
  }

  #begin(): void {
    this.#writing = true;
    this.#takePiece();
    this.#write();
  }

  #takePiece(): void {
    let count = 0;
    for (let bytes = 0; count < this.#lines.length && bytes < PIECE; count++)
      bytes += this.#lines[count]!.length;
    this.#piece = Buffer.from(this.#lines.splice(0, count).join(''));
  }

  #write(): void {
    this.#underWay = true;
    this.#unblock();
    write(this.#fd, this.#piece, 0, this.#piece.length, null, (error, written) => {
      this.#underWay = false;
      if (error && isFull(error)) {
        setTimeout(() => this.#write(), RETRY).unref();
        return;
      }
      // Nobody will ever read it: the piece goes, and the next one is tried.
      this.#wrote(error ? this.#piece.length : written);
      if (this.#piece.length > 0) this.#write();
      else if (this.#lines.length > 0) this.#begin();
      else this.#drained();
    });
  }

  #wrote(bytes: number): void {
    this.#piece = this.#piece.subarray(bytes);
    this.#waiting -= bytes;
  }

  /** Resolves when no line waits any more. */
  async drained(): Promise<void> {
    if (this.#writing) await new Promise<void>((resolve) => this.#onDrained.push(resolve));
  }

  #drained(): void {
    this.#writing = false;
    for (const resolve of this.#onDrained.splice(0)) resolve();
    const lines = this.dropped - this.#announced;
    this.#announced = this.dropped;
    if (lines > 0) this.onDropped(lines);
  }
}

/** Lets threads and other processes do something for 10 ms. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
}

/** The pipe takes no more for now. */
function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAGAIN' || code === 'EBUSY';
}

let stderr: LogDestination | undefined;

/**
 * Node makes pipes and sockets such that a write to them does not wait, but not for long: whether it does belongs to all processes that share
 * one, and each of them that starts or ends sets it back. There is no other way to ask for it than through the handle of the stream.
 */
function unblockStderr(): void {
  const { _handle: handle } = process.stderr as { _handle?: { setBlocking?: (blocking: boolean) => number } };
  handle?.setBlocking?.(false);
}

/** Where all loggers of this process write. */
export function stderrDestination(): LogDestination {
  if (!stderr) {
    const made = (stderr = new LogDestination({ fd: 2, unblock: isatty(2) ? undefined : unblockStderr }));
    process.once('exit', () => made.end());
  }
  return stderr;
}

/** How many lines of this process's log were dropped. */
export function droppedLines(): number {
  return stderr?.dropped ?? 0;
}
