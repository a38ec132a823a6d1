import type { Clock } from '../../domain/clock.ts';

/** Milliseconds in which what a client sends is counted. */
const WINDOW = 100;
/** Messages of one client that are read in a window, whatever others send, */
const FREE_MESSAGES = 40;
/** and their bytes. */
const FREE_BYTES = 64 * 1024;
/** Messages in a millisecond that are read of all together who send more, */
const SHARED_RATE = 10;
/** where so many bytes take as long as one more message. */
const BYTES_OF_A_MESSAGE = 4096;
/** Milliseconds: a shorter wait is none. */
const SHORT = 10;

/** The time that is left for clients which send more than anybody needs: they share it, however many they are. */
export class ReadBudget {
  #until = -Infinity;

  /** Takes time for a message, and returns the milliseconds until there is some for the next. */
  take(bytes: number, now: number): number {
    this.#until = Math.max(this.#until, now) + (1 + bytes / BYTES_OF_A_MESSAGE) / SHARED_RATE;
    return this.#until - now;
  }
}

/** Stops reading from a client that sends too much until there is time for it again: TCP then holds it back, and others do not notice. */
export class ReadLimit {
  readonly #clock: Clock;
  readonly #budget: ReadBudget;
  readonly #socket: { pause(): void; resume(): void };
  #start = -Infinity;
  #messages = 0;
  #bytes = 0;
  #paused = false;
  #resumeAt = 0;

  constructor(clock: Clock, budget: ReadBudget, socket: { pause(): void; resume(): void }) {
    this.#clock = clock;
    this.#budget = budget;
    this.#socket = socket;
  }

  /** Counts a message that has come. */
  count(bytes: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#start >= WINDOW) {
      this.#start = now;
      this.#messages = 0;
      this.#bytes = 0;
    }
    this.#messages += 1;
    this.#bytes += bytes;
    if (this.#messages <= FREE_MESSAGES && this.#bytes <= FREE_BYTES) return;
    const wait = this.#budget.take(bytes, now);
    if (wait < SHORT) return;
    // What had come already is still read after the pause begins, and makes it longer.
    this.#resumeAt = now + wait;
    if (this.#paused) return;
    this.#paused = true;
    this.#socket.pause();
    this.#clock.after(wait, () => this.#resume());
  }

  #resume(): void {
    const left = this.#resumeAt - this.#clock.monotonic();
    if (left > 0) return void this.#clock.after(left, () => this.#resume());
    this.#paused = false;
    this.#socket.resume();
  }
}
