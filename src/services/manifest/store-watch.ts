import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Logger } from '../../domain/logger.ts';
import { STORE_REASONS } from '../../domain/store-error.ts';
import { isWorse, sameFault, type StoreStatus } from '../../domain/store-status.ts';
import { StoreError, type Store } from '../../domain/store.ts';
import type { Connectivity } from './connectivity.ts';

interface StoreWatchOptions {
  readonly connectivity: Connectivity;
  readonly store: Pick<Store, 'check'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Milliseconds between two looks whether the store would take a write: nobody may be writing. */
const INTERVAL = 1000;
/** Milliseconds for which a store is no worse than before, before that is logged: one that comes and goes fills no log. */
const SETTLED = 1000;

const MESSAGES = {
  ok: 'the store is well again',
  'at-risk': 'the store works, and is at risk',
  refusing: 'the store takes no writes; reads go on',
  away: 'the store is away; what is read is the last known',
} as const;

/** Looks after the store, and writes one line for each change of how it is. */
export class StoreWatch {
  readonly #options: StoreWatchOptions;
  /** What the log says. */
  #said: StoreStatus;
  #checking = false;
  #unsubscribe: () => void = () => undefined;
  #stopChecking: () => void = () => undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(options: StoreWatchOptions) {
    this.#options = options;
    this.#said = options.connectivity.status;
  }

  start(): void {
    const { connectivity, store, clock } = this.#options;
    this.#unsubscribe = connectivity.watch(() => this.#changed());
    if (store.check) this.#stopChecking = repeat(clock, INTERVAL, () => void this.#check());
  }

  stop(): void {
    this.#unsubscribe();
    this.#stopChecking();
    this.#endWait();
  }

  async #check(): Promise<void> {
    const { connectivity, store, log } = this.#options;
    // One that waits for a frozen store says enough.
    if (this.#checking) return;
    this.#checking = true;
    try {
      connectivity.checked(await store.check?.());
    } catch (error) {
      if (error instanceof StoreError) connectivity.writeFailed(error);
      else log.error({ err: error }, 'cannot check the store');
    } finally {
      this.#checking = false;
    }
  }

  #changed(): void {
    const { connectivity, clock } = this.#options;
    if (sameFault(connectivity.status, this.#said)) return this.#endWait();
    if (isWorse(connectivity.status.state, this.#said.state)) return this.#say();
    this.#stopWaiting ??= clock.after(SETTLED, () => this.#say());
  }

  #endWait(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
  }

  #say(): void {
    this.#endWait();
    const { status } = this.#options.connectivity;
    const { state, reason, lastError } = status;
    const was = { state: this.#said.state, reason: this.#said.reason, ms: status.since - this.#said.since };
    const fields =
      reason === null ? { state, was } : { state, reason, why: STORE_REASONS[reason], error: lastError };
    const { log } = this.#options;
    // The end is as loud as the beginning: whoever was woken by the one reads the other.
    const level = state === 'away' || state === 'refusing' ? 'error' : 'warn';
    log[level]({ store: fields }, MESSAGES[state]);
    this.#said = status;
  }
}
