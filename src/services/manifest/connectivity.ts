import type { Clock } from '../../domain/clock.ts';
import {
  refusesOnlyWrites,
  StoreUnreachable,
  type StoreError,
  type StoreFault,
} from '../../domain/store-error.ts';
import { nextStatus, type StoreFaults, type StoreStatus } from '../../domain/store-status.ts';

/** After this many ms without an answer the connection counts as interrupted: a poll is due every second. */
const SILENCE = 2500;
/** Milliseconds without another refused write before the store counts as one that takes writes: else it would change with each of them. */
const CALM = 3000;

/** Whether this replica is connected to the store, for how long without an interruption, and what is wrong with the store. */
export class Connectivity {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #last = -Infinity;
  #since = Infinity;
  /** When (monotonic) a write was refused last. */
  #refusedAt = -Infinity;
  #faults: StoreFaults = {};
  #status: StoreStatus;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#status = { state: 'ok', reason: null, since: clock.now(), lastError: null };
  }

  /** The store answered. */
  answered(): void {
    const now = this.#clock.monotonic();
    // After a stall of our own process (SIGSTOP, a closed laptop) no call has failed, yet we missed what happened.
    if (now - this.#last > SILENCE || this.#since === Infinity) this.#since = now;
    this.#last = now;
    this.#note({ away: undefined });
  }

  /** The store did not answer. */
  lost(why: StoreFault): void {
    this.#since = Infinity;
    this.#note({ away: why });
  }

  /** A write failed: the store is away, or it takes no writes. */
  writeFailed(error: StoreError): void {
    if (!refusesOnlyWrites(error.reason)) return this.lost(error);
    this.#refusedAt = this.#clock.monotonic();
    // Whoever could not renew meanwhile gets a whole TTL.
    if (this.isConnected) this.restart();
    this.#note({ refusing: error });
  }

  /** A write was taken. */
  wrote(): void {
    if (this.#clock.monotonic() - this.#refusedAt >= CALM) this.#note({ refusing: undefined });
  }

  /** A write would be taken, as far as the store says; `risk` says what else is wrong. */
  checked(risk: StoreFault | undefined): void {
    if (!risk) this.wrote();
    this.#note({ risk });
  }

  /** How the store is. */
  get status(): StoreStatus {
    return this.#status;
  }

  /** Whether a write is worth a try. */
  get takesWrites(): boolean {
    return this.isConnected && !this.#faults.refusing;
  }

  /** Why nothing can be done now, for whoever does not even try; undefined when all is well, or when nobody knows why not. */
  get error(): StoreUnreachable | undefined {
    const { away, refusing } = this.#faults;
    const fault = away ?? refusing;
    return fault && new StoreUnreachable(fault.message, { reason: fault.reason });
  }

  /** Calls `listener` after each change of the status; returns how to stop. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Counts from now on only, though the store answers: what was observed before is not reliable. */
  restart(): void {
    this.#since = this.#clock.monotonic();
  }

  get isConnected(): boolean {
    return this.#since !== Infinity;
  }

  /** Milliseconds since the store last answered. */
  silence(): number {
    return this.#clock.monotonic() - this.#last;
  }

  /** Milliseconds without an interruption; 0 while the last answer is too long ago to be valid now. */
  connectedFor(): number {
    if (!this.isConnected || this.silence() > SILENCE) return 0;
    return this.#clock.monotonic() - this.#since;
  }

  #note(faults: StoreFaults): void {
    this.#faults = { ...this.#faults, ...faults };
    const before = this.#status;
    this.#status = nextStatus(before, this.#faults, this.#clock.now());
    if (this.#status !== before) for (const listener of this.#listeners) listener();
  }
}
