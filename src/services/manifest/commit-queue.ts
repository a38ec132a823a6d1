import { randomUUID } from 'node:crypto';
import type { Clock } from '../../domain/clock.ts';
import type { Commit } from '../../domain/commit.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { Draft } from '../../domain/draft.ts';
import { DomainError } from '../../domain/errors.ts';
import type { History } from '../../domain/history.ts';
import type { LiveManifest } from '../../domain/live-manifest.ts';
import { patchSize } from '../../domain/patch.ts';
import { StoreUnanswered, StoreUnreachable, type Missed, type Store } from '../../domain/store.ts';
import { BatchBuilder, type Planned } from './batch-builder.ts';
import type { Connectivity } from './connectivity.ts';
import type { Plan, Receipt } from './plan.ts';
import { isStoreError, storeUnavailable } from './store-errors.ts';

export interface SubmitOptions {
  /** In a batch of its own: a step that may be refused for its leases must not take others down with it. */
  alone?: boolean;
}

/** What the queue needs of the replica it works for. */
export interface CommitHost {
  view(): LiveManifest;
  history(): History;
  ready(): boolean;
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  applied(commit: Commit): void;
  missed(missed: Missed): Promise<void>;
  catchUp(): Promise<void>;
  readonly contact: Connectivity;
}

interface Op extends Planned {
  readonly alone: boolean;
  readonly resolve: (receipt: Receipt<unknown>) => void;
  readonly reject: (error: unknown) => void;
  readonly stopTimer: () => void;
  /** Some attempt was sent, and no answer came. */
  unresolved: boolean;
  /** Something was missed since that attempt, so that its commit may have gone by unseen. */
  gap: boolean;
  settled: boolean;
}

/** A write answers within this many milliseconds, whatever the store does. */
const WRITE_TIMEOUT = 2000;
/** Writes and changed entries in one batch: the round trip is shared, and no batch stalls the ones behind it. */
const BATCH_WRITES = 256;
const BATCH_ENTRIES = 20_000;

/**
 * Turns plans into commits: those that wait together go as one batch, a lost race is planned again on the newer
 * view, and an attempt whose answer was lost is recognised by its commit id and never done twice (DESIGN 7, Retries).
 */
export class CommitQueue {
  readonly #clock: Clock;
  readonly #store: Store;
  readonly #origin: string;
  readonly #host: CommitHost;
  readonly #waiting: Op[] = [];
  readonly #sent = new Map<string, Op>();
  #running: Promise<void> | undefined;

  constructor(options: { clock: Clock; store: Store; origin: string; host: CommitHost }) {
    this.#clock = options.clock;
    this.#store = options.store;
    this.#origin = options.origin;
    this.#host = options.host;
  }

  submit<T>(plan: Plan<T>, options: SubmitOptions = {}): Promise<Receipt<T>> {
    return new Promise<Receipt<T>>((resolve, reject) => {
      const op: Op = {
        plan,
        id: randomUUID(),
        alone: options.alone ?? false,
        resolve: resolve as (receipt: Receipt<unknown>) => void,
        reject,
        stopTimer: this.#clock.after(WRITE_TIMEOUT, () => this.#giveUp(op)),
        unresolved: false,
        gap: false,
        settled: false,
        result: undefined,
      };
      this.#waiting.push(op);
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing waits or is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Every commit applied passes here, however it came: one that we wait for is done. */
  saw(commit: Commit): void {
    const op = this.#sent.get(commit.id);
    if (op) this.#done(op, commit.cursor, patchSize(commit.patch));
  }

  /** Commits went by unseen: an unanswered attempt can no longer be told from one that failed. */
  sawGap(): void {
    for (const op of this.#sent.values()) if (op.unresolved) op.gap = true;
  }

  async #run(): Promise<void> {
    // The turn of the event loop that brought one write often brings more: let them share the batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const ops = this.#take();
      await this.#host.exclusively(() => this.#settle(ops)).catch((error: unknown) => this.#fail(ops, error));
    }
    this.#running = undefined;
  }

  #take(): Op[] {
    const alone = this.#waiting.findIndex((op) => op.alone);
    const count = alone === 0 ? 1 : Math.min(BATCH_WRITES, alone < 0 ? Infinity : alone);
    return this.#waiting.splice(0, count);
  }

  async #settle(batch: Op[]): Promise<void> {
    for (;;) {
      const ops = batch.filter((op) => !op.settled);
      if (ops.length === 0) return;
      if (!this.#host.ready()) throw new StoreUnreachable('the manifest is not loaded yet');
      const rest = await this.#attempt(ops);
      if (rest.length === 0 && ops.every((op) => op.settled)) return;
    }
  }

  /** One round trip. Returns the writes that did not fit in. */
  async #attempt(ops: Op[]): Promise<Op[]> {
    const head = this.#host.history().head;
    const attempt = new BatchBuilder(head, new Draft(this.#host.view()), this.#clock.now(), this.#origin);
    let taken = 0;
    for (const op of ops) {
      if (attempt.entries >= BATCH_ENTRIES) break;
      taken += 1;
      this.#plan(op, attempt);
    }
    const tried = ops.slice(0, taken).filter((op) => !op.settled);
    if (tried.length === 0) return ops.slice(taken);
    for (const op of tried) this.#sent.set(op.id, op);
    try {
      const result = await this.#store.commit({
        expect: head,
        commits: attempt.commits,
        grants: attempt.grants,
        drops: attempt.drops,
        expired: attempt.expired,
        keepFrom: this.#host.history().trim(this.#clock.now()),
      });
      this.#host.contact.answered();
      if (result.taken) {
        for (const commit of attempt.commits) this.#host.applied(commit);
        this.#answer(tried, attempt);
      } else if (result.why === 'lease') {
        for (const op of tried)
          this.#refuse(op, new DomainError('lease-lost', 'the lease was renewed meanwhile'));
      } else {
        // Answered, and not done: nothing of it can arrive any more.
        for (const op of tried) if (!op.unresolved) this.#sent.delete(op.id);
        await this.#host.missed(result.missed);
      }
    } catch (error) {
      if (!(error instanceof StoreUnanswered)) throw error;
      this.#host.contact.lost();
      for (const op of tried) op.unresolved = true;
      // Either the log now shows our commits, or they are not in it and the same ids may be tried again.
      await this.#host.catchUp();
    }
    return ops.slice(taken);
  }

  #plan(op: Op, attempt: BatchBuilder): void {
    if (op.unresolved && op.gap) return this.#unknown(op);
    try {
      const changed = attempt.add(op);
      // Sent once, unanswered, and now nothing is left to do: the old attempt may yet arrive, so nobody can say.
      if (op.unresolved && changed === 0) this.#unknown(op);
    } catch (error) {
      if (op.unresolved) this.#unknown(op);
      else if (error instanceof DomainError) attempt.refusals.set(op, error);
      else this.#refuse(op, error);
    }
  }

  #answer(tried: Op[], attempt: BatchBuilder): void {
    for (const op of tried) {
      if (op.settled) continue;
      const refusal = attempt.refusals.get(op);
      if (refusal) this.#refuse(op, refusal);
      else this.#done(op, this.#host.history().head, 0);
    }
  }

  #fail(ops: Op[], error: unknown): void {
    const trouble = isStoreError(error);
    if (trouble) this.#host.contact.lost();
    for (const op of ops) {
      if (op.settled) continue;
      if (!trouble) this.#refuse(op, error);
      else if (op.unresolved) this.#unknown(op);
      else this.#refuse(op, storeUnavailable(error));
    }
  }

  #giveUp(op: Op): void {
    const index = this.#waiting.indexOf(op);
    if (index >= 0) this.#waiting.splice(index, 1);
    if (this.#sent.has(op.id)) this.#unknown(op);
    else this.#refuse(op, storeUnavailable());
  }

  #unknown(op: Op): void {
    const text = 'the store did not say whether this was done; repeat it, a repeated write is one commit';
    this.#refuse(op, new DomainError('outcome-unknown', text, { retryAfter: 1 }));
  }

  #refuse(op: Op, error: unknown): void {
    if (this.#end(op)) op.reject(error);
  }

  #done(op: Op, cursor: Cursor, changed: number): void {
    if (this.#end(op)) op.resolve({ cursor, changed, result: op.result });
  }

  #end(op: Op): boolean {
    if (op.settled) return false;
    op.settled = true;
    op.stopTimer();
    this.#sent.delete(op.id);
    return true;
  }
}
