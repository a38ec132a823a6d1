import { randomUUID } from 'node:crypto';
import type { LongWork } from '../../concurrency/long-work.ts';
import type { Semaphore } from '../../concurrency/semaphore.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { Draft } from '../../domain/draft.ts';
import { DomainError, writeRefused } from '../../domain/errors.ts';
import { patchSize } from '../../domain/patch.ts';
import { StoreError, StoreUnanswered, StoreUnreachable, type Store } from '../../domain/store.ts';
import { NO_TRACER, type SpanRef, type Tracer } from '../../domain/tracer.ts';
import { BatchBuilder, LARGE, type PlannedWrite } from './batch-builder.ts';
import type { Connectivity } from './connectivity.ts';
import type { ManifestCopy } from './manifest-copy.ts';
import type { Plan, Receipt } from './plan.ts';
import type { Reconciler } from './reconciler.ts';

export interface SubmitOptions {
  /** In a batch of its own: a step that may fail for its leases must not take others down with it. */
  alone?: boolean;
}

export interface CommitQueueOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly connectivity: Connectivity;
  readonly copy: ManifestCopy;
  readonly reconciler: Reconciler;
  /** Held while a batch is under way. */
  readonly mutex: Semaphore;
  /** Names this replica in its commits. */
  readonly origin: string;
  readonly work: LongWork;
  readonly tracer?: Tracer | undefined;
}

interface Write extends PlannedWrite {
  /** Its span. */
  readonly cause: SpanRef | undefined;
  readonly alone: boolean;
  readonly resolve: (receipt: Receipt<unknown>) => void;
  readonly reject: (error: unknown) => void;
  stopTimer: () => void;
  /** It was sent, and no answer came. */
  unanswered: boolean;
  /** Commits were missed since then: its own may be among them. */
  gap: boolean;
  settled: boolean;
}

/** A write answers within this many milliseconds, whatever the store does. */
const WRITE_TIMEOUT = 2000;
/** Writes and changed entries in one batch: the round trip is shared, and no batch stalls the ones behind it. */
const BATCH_WRITES = 256;
const BATCH_ENTRIES = 20_000;

/**
 * Turns plans into commits. Writes that wait together go as one batch; one that lost a race is planned again on the
 * newer manifest; one whose answer was lost is recognised by its commit id and never done twice (docs/decisions/0003).
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  readonly #tracer: Tracer;
  readonly #waiting: Write[] = [];
  /** By their ids: those of which the store may hold the commit. */
  readonly #sent = new Map<string, Write>();
  #running: Promise<void> | undefined;

  constructor(options: CommitQueueOptions) {
    this.#options = options;
    this.#tracer = options.tracer ?? NO_TRACER;
    const replaced = () => this.#replaced();
    options.copy.subscribe({
      committed: (commit) => this.#committed(commit),
      loaded: replaced,
      reloaded: replaced,
    });
  }

  submit<T>(plan: Plan<T>, options: SubmitOptions = {}): Promise<Receipt<T>> {
    return this.#tracer.span('commit', {}, () => this.#enqueue(plan, options));
  }

  #enqueue<T>(plan: Plan<T>, options: SubmitOptions): Promise<Receipt<T>> {
    return new Promise<Receipt<T>>((resolve, reject) => {
      const write: Write = {
        plan,
        cause: this.#tracer.current,
        id: randomUUID(),
        alone: options.alone ?? false,
        resolve: resolve as (receipt: Receipt<unknown>) => void,
        reject,
        stopTimer: this.#options.clock.after(WRITE_TIMEOUT, () => this.#giveUp(write)),
        unanswered: false,
        gap: false,
        settled: false,
        result: undefined,
      };
      this.#waiting.push(write);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits or is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Every commit that is applied passes here, from wherever it came: a write that waits for it is done. */
  #committed(commit: Commit): void {
    const write = this.#sent.get(commit.id);
    if (write) this.#resolve(write, commit.cursor, patchSize(commit.patch));
  }

  /** Commits were skipped: an unanswered write that was done can no longer be told from one that was not. */
  #replaced(): void {
    for (const write of this.#sent.values()) if (write.unanswered) write.gap = true;
  }

  async #run(): Promise<void> {
    // The turn of the event loop that brought one write often brings more: let them share the batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      await this.#options.mutex
        .run(() => this.#traced(batch, () => this.#commitAll(batch)))
        .catch((error: unknown) => this.#fail(batch, error));
    }
    this.#running = undefined;
  }

  /** All writes of a batch have caused it: it belongs to the trace of none of them. */
  #traced(batch: readonly Write[], work: () => Promise<void>): Promise<void> {
    const causes = batch.map(({ cause }) => cause);
    return this.#tracer.shared('commit batch', { writes: batch.length }, causes, work);
  }

  #take(): Write[] {
    const alone = this.#waiting.findIndex((write) => write.alone);
    const count = alone === 0 ? 1 : Math.min(BATCH_WRITES, alone < 0 ? Infinity : alone);
    return this.#waiting.splice(0, count);
  }

  async #commitAll(batch: Write[]): Promise<void> {
    for (;;) {
      const writes = batch.filter((write) => !write.settled);
      if (writes.length === 0) return;
      if (!this.#options.copy.loaded) {
        const { error } = this.#options.connectivity;
        throw error ?? new StoreUnreachable('the manifest is not loaded yet');
      }
      await this.#commit(writes);
    }
  }

  /** One round trip, with as many of the writes as fit in. */
  async #commit(writes: Write[]): Promise<void> {
    const { store, clock, connectivity, copy, reconciler, origin, work } = this.#options;
    const { head, manifest } = copy;
    const batch = new BatchBuilder(head, new Draft(manifest), clock.now(), origin);
    const planned: Write[] = [];
    for (const write of writes) {
      if (batch.entries >= BATCH_ENTRIES) break;
      if (write.settled) continue;
      // Others run while it is planned: should its time be over then, it is done all the same.
      this.#sent.set(write.id, write);
      await this.#plan(write, batch);
      if (this.#sent.has(write.id)) planned.push(write);
    }
    if (planned.length === 0 && batch.commits.length === 0) return;
    try {
      const { commits, grants, drops, expired } = batch;
      const keepFrom = copy.trim();
      // To encode it takes a turn of its own.
      if (batch.entries > LARGE) await work.slice();
      const result = await store.commit({ expect: head, commits, grants, drops, expired, keepFrom });
      connectivity.answered();
      if (result.taken) {
        connectivity.wrote();
        await work.run(applyEach(copy, commits));
        this.#answerRest(planned, batch);
      } else if (result.why === 'lease') {
        const error = new DomainError('lease-lost', 'the lease was renewed meanwhile');
        for (const write of planned) this.#reject(write, error);
      } else {
        // Answered, and not done: nothing of it can arrive any more.
        for (const write of planned) if (!write.unanswered) this.#sent.delete(write.id);
        await reconciler.absorb(result.missed);
      }
    } catch (error) {
      if (!(error instanceof StoreUnanswered)) throw error;
      connectivity.writeFailed(error);
      for (const write of planned) write.unanswered = true;
      // After this the log shows our commits, or they are not in it and the same ids may be tried again.
      await reconciler.reconcile();
    }
  }

  async #plan(write: Write, batch: BatchBuilder): Promise<void> {
    if (write.unanswered && write.gap) return this.#rejectUnknown(write);
    try {
      const changed = await this.#options.work.run(batch.add(write));
      // Sent once, unanswered, and now nothing is left to do: the first one may yet arrive, so nobody can say.
      if (write.unanswered && changed === 0) this.#rejectUnknown(write);
    } catch (error) {
      if (write.unanswered) this.#rejectUnknown(write);
      else if (error instanceof DomainError) batch.errors.set(write, error);
      else this.#reject(write, error);
    }
  }

  /** Answers those of a committed batch that have no commit: they change nothing, or the rules forbid them. */
  #answerRest(planned: Write[], batch: BatchBuilder): void {
    for (const write of planned) {
      const error = batch.errors.get(write);
      if (error) this.#reject(write, error);
      else this.#resolve(write, this.#options.copy.head, 0);
    }
  }

  #fail(batch: Write[], error: unknown): void {
    const isAway = error instanceof StoreError;
    if (isAway) this.#options.connectivity.writeFailed(error);
    for (const write of batch) {
      if (!isAway) this.#reject(write, error);
      else if (write.unanswered) this.#rejectUnknown(write);
      else this.#reject(write, writeRefused(error));
    }
  }

  #giveUp(write: Write): void {
    const index = this.#waiting.indexOf(write);
    if (index >= 0) this.#waiting.splice(index, 1);
    if (this.#sent.has(write.id)) this.#rejectUnknown(write);
    else this.#reject(write, writeRefused(this.#options.connectivity.error));
  }

  #rejectUnknown(write: Write): void {
    const text = 'the store did not say whether this was done; repeat it, a repeated write is one commit';
    this.#reject(write, new DomainError('outcome-unknown', text, { retryAfter: 1 }));
  }

  #reject(write: Write, error: unknown): void {
    if (this.#settle(write)) write.reject(error);
  }

  #resolve(write: Write, cursor: Cursor, changed: number): void {
    if (this.#settle(write)) write.resolve({ cursor, changed, result: write.result });
  }

  /** False when it was settled before: only the first outcome counts. */
  #settle(write: Write): boolean {
    if (write.settled) return false;
    write.settled = true;
    write.stopTimer();
    this.#sent.delete(write.id);
    return true;
  }
}

/** Each commit in one turn, and a large one alone in its turn. */
function* applyEach(copy: ManifestCopy, commits: readonly Commit[]): Generator<void, void, undefined> {
  for (const commit of commits) {
    copy.apply(commit);
    if (patchSize(commit.patch) > LARGE) yield;
  }
}
