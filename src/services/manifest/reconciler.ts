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

/** Makes a copy and its store equal again, whichever of them lost something (docs/decisions/0003). Its callers hold the mutex. */
export class Reconciler {
  readonly #options: ReconcilerOptions;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Takes the store's state, whatever was held. */
  async load(): Promise<void> {
    let state = await this.#options.store.load();
    this.#options.connectivity.answered();
    if (state.head === GENESIS && this.#options.store.shared) {
      // A first commit of ours would be another history, and the replicas that still have the old one would drop it.
      await this.#waitForOthers();
      state = await this.#options.store.load();
      this.#options.connectivity.answered();
    }
    this.#options.copy.replace(state);
  }

  /** Brings the copy to the store's head as of now. */
  async reconcile(): Promise<void> {
    if (!this.#options.copy.loaded) return this.load();
    const head = await this.#options.store.head();
    const silence = this.#options.connectivity.silence();
    this.#options.connectivity.answered();
    if (head === this.#head) return;
    if (head === GENESIS) return this.#fillEmptyStore(silence);
    if (this.#history.has(head)) return this.#restore(head);
    const missed = await this.#options.store.read(this.#head);
    this.#options.connectivity.answered();
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
      this.#options.copy.apply(commit);
    }
    if (known) return;
    if (missed.head === GENESIS || this.#history.has(missed.head)) return this.reconcile();
    await this.#reload('the store holds another history');
  }

  get #history(): History {
    return this.#options.copy.history;
  }

  get #head(): Cursor {
    return this.#options.copy.head;
  }

  async #reload(why: string): Promise<void> {
    this.#options.log.warn({ cursor: this.#head }, `reloading: ${why}`);
    await this.load();
  }

  async #fillEmptyStore(silence: number): Promise<void> {
    if (this.#options.refill === 'never' || silence > REFILL_WITHIN)
      return this.#reload('the store was emptied');
    const { head, log, manifest } = this.#options.copy;
    const filled = await this.#options.store.refill({ head, manifest: manifest.copy(), log });
    if (filled) {
      this.#options.log.warn({ cursor: this.#head }, 'the store was emptied; it is filled again');
      await this.#waitForOthers();
    }
    await this.reconcile();
  }

  /** The store went back to a state that this replica remembers: gives it the rest again, under the same cursors. */
  async #restore(head: Cursor): Promise<void> {
    if (this.#options.refill === 'never') return this.#reload('the store went back');
    const commits = [...this.#history.between(head)];
    const none = { grants: [], drops: [], expired: [], keepFrom: 0 };
    const result = await this.#options.store.commit({ expect: head, commits, ...none });
    if (result.taken) {
      this.#options.log.warn({ from: head, to: this.#head }, 'the store had gone back; it is whole again');
      await this.#waitForOthers();
    }
    await this.reconcile();
  }

  /** Another replica may know a commit that we do not and the store has lost. If we committed now, it would stay lost. */
  async #waitForOthers(): Promise<void> {
    if (this.#options.store.shared) await sleep(this.#options.clock, GRACE_FOR_OTHERS);
  }
}
