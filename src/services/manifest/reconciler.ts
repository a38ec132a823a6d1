import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import type { History } from '../../domain/history.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Missed, Store, StoreState } from '../../domain/store.ts';
import type { Connectivity } from './connectivity.ts';

/** The copy that is held to the store. */
export interface Held {
  view(): LiveManifest;
  history(): History;
  loaded(): boolean;
  applied(commit: Commit): void;
  replaced(state: StoreState): void;
}

export interface ReconcilerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly contact: Connectivity;
  readonly held: Held;
  /** Whether an emptied or rewound store gets back what the copy still knows. */
  readonly refill: 'auto' | 'never';
  readonly log: Pick<Logger, 'warn'>;
}

/** Only a replica that was in touch this recently (ms) may fill an emptied store. */
const REFILL_WITHIN = 10_000;
/** Milliseconds for which a store that lost something is left to those who may know more; they notice within half of that. */
const OTHERS_TURN = 1000;

/** Makes a copy and its store one again, whichever of them lost something (DESIGN 7). Called in turns, never twice at a time. */
export class Reconciler {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #contact: Connectivity;
  readonly #held: Held;
  readonly #refill: 'auto' | 'never';
  readonly #log: ReconcilerOptions['log'];

  constructor(options: ReconcilerOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#contact = options.contact;
    this.#held = options.held;
    this.#refill = options.refill;
    this.#log = options.log;
  }

  /** Takes the store's state, whatever was held. */
  async load(): Promise<void> {
    let state = await this.#store.load();
    this.#contact.answered();
    if (state.head === GENESIS && this.#store.shared) {
      // A first commit of ours would be another history, and the replicas that still have the old one would drop it.
      await this.#othersTurn();
      state = await this.#store.load();
      this.#contact.answered();
    }
    this.#held.replaced(state);
  }

  /** Brings the copy to the store's head as of now. */
  async reconcile(): Promise<void> {
    if (!this.#held.loaded()) return this.load();
    const head = await this.#store.head();
    const silence = this.#contact.silence();
    this.#contact.answered();
    if (head === this.#head) return;
    if (head === GENESIS) return this.#fillEmptyStore(silence);
    if (this.#history.has(head)) return this.#putBack(head);
    const missed = await this.#store.read(this.#head);
    this.#contact.answered();
    await this.absorb(missed);
    if (this.#head !== missed.head) await this.reconcile();
  }

  /** Applies what others committed; a commit on anything but the head is of another branch: the store wins. */
  async absorb(missed: Missed): Promise<void> {
    let known = missed.found;
    for (const commit of missed.commits) {
      if (this.#history.has(commit.cursor)) continue;
      if (commit.prev !== this.#head) {
        known = false;
        break;
      }
      this.#held.applied(commit);
    }
    if (known) return;
    if (missed.head === GENESIS || this.#history.has(missed.head)) return this.reconcile();
    await this.#reload('the store holds another history');
  }

  get #history(): History {
    return this.#held.history();
  }

  get #head(): Cursor {
    return this.#history.head;
  }

  async #reload(why: string): Promise<void> {
    this.#log.warn({ cursor: this.#head }, `reloading: ${why}`);
    await this.load();
  }

  async #fillEmptyStore(silence: number): Promise<void> {
    if (this.#refill === 'never' || silence > REFILL_WITHIN) return this.#reload('the store was emptied');
    const log = [...this.#history.between(this.#history.base)];
    const manifest = this.#held.view().copy();
    const filled = await this.#store.refill({ head: this.#head, manifest, log });
    if (filled) {
      this.#log.warn({ cursor: this.#head }, 'the store was emptied; it is filled again');
      await this.#othersTurn();
    }
    await this.reconcile();
  }

  /** The store went back to a state this replica remembers: give it the rest again, under the same cursors. */
  async #putBack(head: Cursor): Promise<void> {
    if (this.#refill === 'never') return this.#reload('the store went back');
    const commits = [...this.#history.between(head)];
    const result = await this.#store.commit({
      expect: head,
      commits,
      grants: [],
      drops: [],
      expired: [],
      keepFrom: 0,
    });
    if (result.taken) {
      this.#log.warn({ from: head, to: this.#head }, 'the store had gone back; it is whole again');
      await this.#othersTurn();
    }
    await this.reconcile();
  }

  /** One may have taken a commit that we had not heard of when the store lost it: a next one of ours would bury it. */
  async #othersTurn(): Promise<void> {
    if (this.#store.shared) await new Promise<void>((resolve) => this.#clock.after(OTHERS_TURN, resolve));
  }
}
