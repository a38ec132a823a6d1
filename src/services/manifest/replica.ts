import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { DomainError } from '../../domain/errors.ts';
import { History, type HistoryPolicy } from '../../domain/history.ts';
import { LiveManifest } from '../../domain/live-manifest.ts';
import type { Logger } from '../../domain/logger.ts';
import type { Store, StoreState } from '../../domain/store.ts';
import { CommitQueue, type SubmitOptions } from './commit-queue.ts';
import { Connectivity } from './connectivity.ts';
import type { Plan, Receipt } from './plan.ts';
import { Reconciler } from './reconciler.ts';
import { isStoreError, storeUnavailable } from './store-errors.ts';

/** Told of every change to the view, in order, in the same turn of the event loop in which it happens. */
export interface ReplicaListener {
  /** One commit was applied to the view. */
  committed?(commit: Commit): void;
  /** There is a view for the first time. */
  loaded?(): void;
  /** The view was replaced: what came before may be another history. */
  reloaded?(): void;
}

export interface ReplicaOptions {
  store: Store;
  clock: Clock;
  /** Names this replica in the log. */
  name: string;
  history: HistoryPolicy;
  /** Whether an emptied or rewound store gets back what this replica still knows. */
  refill: 'auto' | 'never';
  log: Logger;
}

/** Milliseconds between two looks at the store's head: a flush is silent. */
const POLL = 1000;

/**
 * One daemon's copy of the manifest: the live view and the history behind it. Whoever changes it takes turns here.
 * Every rule is evaluated on the view; the store only compares heads (DESIGN 7).
 */
export class Replica {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #policy: HistoryPolicy;
  readonly #log: Logger;
  readonly #contact: Connectivity;
  readonly #queue: CommitQueue;
  readonly #reconciler: Reconciler;
  readonly #listeners = new Set<ReplicaListener>();
  #view = new LiveManifest();
  #history: History;
  #loaded = false;
  #stopped = false;
  #stopPolling: () => void = () => undefined;
  #stopFollowing: () => void = () => undefined;
  /** Whoever changes the view waits for the one before: a commit and a catch-up never interleave. */
  #turn: Promise<unknown> = Promise.resolve();
  #catchingUp: Promise<void> | undefined;

  constructor(options: ReplicaOptions) {
    this.#store = options.store;
    this.#clock = options.clock;
    this.#policy = options.history;
    this.#log = options.log;
    this.#history = new History(options.history);
    this.#contact = new Connectivity(options.clock);
    this.#queue = new CommitQueue({
      clock: options.clock,
      store: options.store,
      origin: options.name,
      host: {
        view: () => this.#view,
        history: () => this.#history,
        ready: () => this.#loaded,
        exclusively: (work) => this.#exclusively(work),
        applied: (commit) => this.#apply(commit),
        missed: (missed) => this.#reconciler.absorb(missed),
        catchUp: () => this.#reconciler.reconcile(),
        contact: this.#contact,
      },
    });
    this.#reconciler = new Reconciler({
      store: options.store,
      clock: options.clock,
      contact: this.#contact,
      refill: options.refill,
      log: options.log,
      held: {
        view: () => this.#view,
        history: () => this.#history,
        loaded: () => this.#loaded,
        applied: (commit) => this.#apply(commit),
        replaced: (state) => this.#replace(state),
      },
    });
  }

  /** Loads the manifest. A store that is away is tried again until it answers; any other trouble is thrown. */
  async start(): Promise<void> {
    try {
      await this.#exclusively(() => this.#reconciler.load());
    } catch (error) {
      if (!isStoreError(error)) throw error;
      this.#contact.lost();
      this.#log.warn({ err: error }, 'the store is away; waiting for it');
    }
    this.#stopFollowing = this.#store.follow(() => {
      this.catchUp().catch(() => undefined);
    });
    this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopPolling();
    this.#stopFollowing();
    await this.#queue.idle();
    await this.#turn.catch(() => undefined);
  }

  get view(): LiveManifest {
    return this.#view;
  }

  get history(): History {
    return this.#history;
  }

  get head(): Cursor {
    return this.#history.head;
  }

  /** When the newest commit was made, milliseconds since 1970; 0 before the first. */
  get headAt(): number {
    return this.#history.last?.committedAt ?? 0;
  }

  /** Whether there is anything to serve yet. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** The store is away: what is served is the last known good. */
  get degraded(): boolean {
    return !this.#contact.isConnected;
  }

  /** For how many milliseconds, without a break, this replica has been in touch with the store. */
  get inTouchFor(): number {
    return this.#contact.connectedFor();
  }

  /** A jump of the store's clock: what was seen of leases before it says nothing any more. */
  breakTouch(): void {
    this.#contact.broken();
  }

  subscribe(listener: ReplicaListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Commits what `plan` asks for. The plan is a pure function of the manifest: after a conflict it is asked again.
   * A DomainError it throws is the answer, once the store has confirmed that the view it saw is the head.
   */
  submit<T>(plan: Plan<T>, options?: SubmitOptions): Promise<Receipt<T>> {
    return this.#queue.submit(plan, options);
  }

  /** Brings the view to the store's head as of now, or throws a DomainError `store-unavailable`. */
  catchUp(): Promise<void> {
    // One that runs already may have read the head before our caller's commit: wait for the next one.
    this.#catchingUp ??= this.#turn
      .catch(() => undefined)
      .then(() => {
        this.#catchingUp = undefined;
        return this.#exclusively(() => this.#reconciler.reconcile());
      })
      .catch((error: unknown) => {
        if (!isStoreError(error)) throw error;
        this.#contact.lost();
        throw storeUnavailable(error);
      });
    return this.#catchingUp;
  }

  #poll(): void {
    this.#stopPolling = this.#clock.after(POLL, () => {
      this.catchUp()
        .catch((error: unknown) => {
          if (!(error instanceof DomainError)) this.#log.error({ err: error }, 'cannot follow the store');
        })
        .finally(() => {
          if (!this.#stopped) this.#poll();
        });
    });
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.catch(() => undefined).then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  #replace(state: StoreState): void {
    const first = state.log[0];
    const history = new History(this.#policy, first ? first.prev : state.head);
    for (const commit of state.log) history.push(commit);
    this.#view = new LiveManifest(state.manifest);
    this.#history = history;
    const again = this.#loaded;
    this.#loaded = true;
    this.#queue.sawGap();
    this.#log.info(
      { cursor: state.head, tiles: this.#view.tileCount, commits: history.length },
      'manifest loaded',
    );
    for (const listener of this.#listeners) {
      if (again) listener.reloaded?.();
      else listener.loaded?.();
    }
  }

  #apply(commit: Commit): void {
    this.#history.push(commit);
    // A replica that only follows makes no commits of its own with which to trim.
    this.#history.trim(this.#clock.now());
    this.#view.apply(commit.patch);
    if (formatDigest(this.#view.digest) !== commit.digest)
      this.#log.error({ cursor: commit.cursor }, 'the view disagrees with the digest of its commit');
    this.#queue.saw(commit);
    for (const listener of this.#listeners) listener.committed?.(commit);
  }
}
