import type { LongWork } from '../../concurrency/long-work.ts';
import { Semaphore } from '../../concurrency/semaphore.ts';
import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { DomainError, storeUnavailable } from '../../domain/errors.ts';
import type { HistoryPolicy } from '../../domain/history.ts';
import type { Logger } from '../../domain/logger.ts';
import { StoreError, StoreUnusable, type Store } from '../../domain/store.ts';
import type { Tracer } from '../../domain/tracer.ts';
import { CommitQueue, type SubmitOptions } from './commit-queue.ts';
import { Connectivity } from './connectivity.ts';
import { ManifestCopy } from './manifest-copy.ts';
import { Overview } from './overview.ts';
import type { Plan, Receipt } from './plan.ts';
import { Reconciler } from './reconciler.ts';

export interface ReplicaOptions {
  store: Store;
  clock: Clock;
  /** Names this replica in its commits. */
  name: string;
  history: HistoryPolicy;
  /** Whether an emptied or rewound store gets back what this replica still knows. */
  refill: 'auto' | 'never';
  log: Logger;
  /** For what takes long. */
  work: LongWork;
  /** Bytes of encoded tiles that are kept; 16 MiB by default. */
  textBudget?: number;
  tracer?: Tracer;
  /** Milliseconds for which areas are kept when nobody uses them any more; a minute by default. */
  areasKept?: number;
}

/** Milliseconds between two looks at the store's head: nobody is notified of a flush. */
const POLL = 1000;

/**
 * One daemon's part in the shared manifest: its copy, what keeps the copy equal to the store, and what commits to both.
 * Every rule is evaluated on the copy; the store only compares heads (docs/decisions/0003).
 */
export class Replica {
  readonly copy: ManifestCopy;
  readonly overview: Overview;
  readonly connectivity: Connectivity;
  readonly #options: ReplicaOptions;
  readonly #queue: CommitQueue;
  readonly #reconciler: Reconciler;
  /** Held by whoever changes the copy: a commit and a catch-up never interleave. */
  readonly #mutex = new Semaphore(1);
  #catchingUp: Promise<void> | undefined;
  #stopPolling: () => void = () => undefined;
  #stopFollowing: () => void = () => undefined;

  constructor(options: ReplicaOptions) {
    const { store, clock, log, refill, name } = options;
    this.#options = options;
    const connectivity = new Connectivity(clock);
    const { history, work, textBudget = 2 ** 24 } = options;
    const copy = new ManifestCopy({ clock, history, log, work, textBudget });
    const reconciler = new Reconciler({ store, clock, connectivity, copy, refill, log });
    this.connectivity = connectivity;
    this.copy = copy;
    // The first to hear of a commit: whoever hears of it later may read areas.
    this.overview = new Overview({ copy, work, clock, log, kept: options.areasKept });
    this.#reconciler = reconciler;
    const mutex = this.#mutex;
    this.#queue = new CommitQueue({
      store,
      clock,
      connectivity,
      copy,
      reconciler,
      mutex,
      origin: name,
      work,
      tracer: options.tracer,
    });
  }

  /** Loads the manifest. A store that is away is tried again until it answers; any other error is thrown. */
  async start(): Promise<void> {
    try {
      await this.#mutex.run(() => this.#reconciler.load());
    } catch (error) {
      if (!(error instanceof StoreError) || error instanceof StoreUnusable) throw error;
      this.connectivity.lost(error);
    }
    this.#stopFollowing = this.#options.store.follow(() => {
      this.catchUp().catch(() => undefined);
    });
    this.#stopPolling = repeat(this.#options.clock, POLL, () => this.#poll());
  }

  async stop(): Promise<void> {
    this.#stopPolling();
    this.#stopFollowing();
    await this.#queue.idle();
    await this.#mutex.run(() => undefined);
  }

  /** The store is away: what is served is the last known good. */
  get degraded(): boolean {
    return !this.connectivity.isConnected;
  }

  /**
   * Commits what `plan` asks for. The plan is a pure function of the manifest: after a conflict it is asked again.
   * A DomainError it throws is the answer, once the store has confirmed that the manifest it saw is the head.
   */
  submit<T>(plan: Plan<T>, options?: SubmitOptions): Promise<Receipt<T>> {
    return this.#queue.submit(plan, options);
  }

  /** Brings the copy to the store's head as of now, or throws a DomainError `store-unavailable`. */
  catchUp(): Promise<void> {
    // One that runs already may have read the head before our caller's commit, so only one that still waits is shared.
    this.#catchingUp ??= this.#mutex
      .run(() => {
        this.#catchingUp = undefined;
        return this.#reconciler.reconcile();
      })
      .catch((error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        this.connectivity.lost(error);
        throw storeUnavailable(error);
      });
    return this.#catchingUp;
  }

  #poll(): void {
    this.catchUp().catch((error: unknown) => {
      if (!(error instanceof DomainError)) this.#options.log.error({ err: error }, 'cannot follow the store');
    });
  }
}
