import { sleep } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import type { History } from '../../domain/history.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Missed, Store } from '../../domain/store.ts';
import type { Connectivity } from './connectivity.ts';
import type { ManifestCopy } from './manifest-copy.ts';

export interface ReconcilerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly connectivity: Connectivity;
  readonly copy: ManifestCopy;
  /** Whether an emptied or rewound store gets back what the copy still knows. */
  readonly refill: 'auto' | 'never';
  readonly log: Pick<Logger, 'warn'>;
}

/** Only a replica that was connected this recently (ms) may fill an emptied store. */
const REFILL_WITHIN = 10_000;
/** Milliseconds that other replicas have to give a store what only they know; they notice a loss within half of that. */
const GRACE_FOR_OTHERS = 1000;

/** Makes a copy and its store equal again, whichever of them lost something (DESIGN 7). Its callers hold the mutex. */
export class Reconciler {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #connectivity: Connectivity;
  readonly #copy: ManifestCopy;
  readonly #refill: 'auto' | 'never';
  readonly #log: ReconcilerOptions['log'];

  constructor(options: ReconcilerOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#connectivity = options.connectivity;
    this.#copy = options.copy;
    this.#refill = options.refill;
    this.#log = options.log;
  }

  /** Takes the store's state, whatever was held. */
  async load(): Promise<void> {
    let state = await this.#store.load();
    this.#connectivity.answered();
    if (state.head === GENESIS && this.#store.shared) {
      // A first commit of ours would be another history, and the replicas that still have the old one would drop it.
      await this.#waitForOthers();
      state = await this.#store.load();
      this.#connectivity.answered();
    }
    this.#copy.replace(state);
  }

  /** Brings the copy to the store's head as of now. */
  async reconcile(): Promise<void> {
    if (!this.#copy.loaded) return this.load();
    const head = await this.#store.head();
    const silence = this.#connectivity.silence();
    this.#connectivity.answered();
    if (head === this.#head) return;
    if (head === GENESIS) return this.#fillEmptyStore(silence);
    if (this.#history.has(head)) return this.#restore(head);
    const missed = await this.#store.read(this.#head);
    this.#connectivity.answered();
    await this.absorb(missed);
    if (this.#head !== missed.head) await this.reconcile();
  }

  /** Applies what others committed. A commit on anything but the head is of another branch: the store wins. */
  async absorb(missed: Missed): Promise<void> {
    let known = missed.found;
    for (const commit of missed.commits) {
      if (this.#history.has(commit.cursor)) continue;
      if (commit.prev !== this.#head) {
        known = false;
        break;
      }
      this.#copy.apply(commit);
    }
    if (known) return;
    if (missed.head === GENESIS || this.#history.has(missed.head)) return this.reconcile();
    await this.#reload('the store holds another history');
  }

  get #history(): History {
    return this.#copy.history;
  }

  get #head(): Cursor {
    return this.#copy.head;
  }

  async #reload(why: string): Promise<void> {
    this.#log.warn({ cursor: this.#head }, `reloading: ${why}`);
    await this.load();
  }

  async #fillEmptyStore(silence: number): Promise<void> {
    if (this.#refill === 'never' || silence > REFILL_WITHIN) return this.#reload('the store was emptied');
    const log = [...this.#history.between(this.#history.base)];
    const manifest = this.#copy.manifest.copy();
    const filled = await this.#store.refill({ head: this.#head, manifest, log });
    if (filled) {
      this.#log.warn({ cursor: this.#head }, 'the store was emptied; it is filled again');
      await this.#waitForOthers();
    }
    await this.reconcile();
  }

  /** The store went back to a state that this replica remembers: gives it the rest again, under the same cursors. */
  async #restore(head: Cursor): Promise<void> {
    if (this.#refill === 'never') return this.#reload('the store went back');
    const commits = [...this.#history.between(head)];
    const none = { grants: [], drops: [], expired: [], keepFrom: 0 };
    const result = await this.#store.commit({ expect: head, commits, ...none });
    if (result.taken) {
      this.#log.warn({ from: head, to: this.#head }, 'the store had gone back; it is whole again');
      await this.#waitForOthers();
    }
    await this.reconcile();
  }

  /** Another replica may know a commit that we do not and the store has lost. If we committed now, it would stay lost. */
  async #waitForOthers(): Promise<void> {
    if (this.#store.shared) await sleep(this.#clock, GRACE_FOR_OTHERS);
  }
}
