import type { Commit } from '../../domain/commit.ts';
import { nextCursor, type Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import type { Draft } from '../../domain/draft.ts';
import type { DomainError } from '../../domain/errors.ts';
import { diff, invert, isEmptyPatch, patchSize } from '../../domain/patch.ts';
import { requireWithinQuotas } from '../../domain/quota.ts';
import type { LeaseName, LeaseTerm } from '../../domain/lease.ts';
import type { Plan } from './plan.ts';

/** Entries above which each step of a write has a turn of the event loop of its own. */
export const LARGE = 1000;

/** A write that can be planned again and again. */
export interface PlannedWrite {
  readonly plan: Plan<unknown>;
  /** Becomes the id of its commit, however often it is tried. */
  readonly id: string;
  /** Of its last plan. */
  result: unknown;
}

/** Plans a batch of writes: each sees what the ones before it will have done. */
export class BatchBuilder {
  readonly commits: Commit[] = [];
  readonly grants: LeaseTerm[] = [];
  readonly drops: LeaseName[] = [];
  readonly expired: LeaseName[] = [];
  /** What the rules said to those that may not be done. */
  readonly errors = new Map<PlannedWrite, DomainError>();
  entries = 0;
  readonly #draft: Draft;
  readonly #now: number;
  readonly #origin: string;
  #head: Cursor;

  constructor(head: Cursor, draft: Draft, now: number, origin: string) {
    this.#head = head;
    this.#draft = draft;
    this.#now = now;
    this.#origin = origin;
  }

  /** Plans `write` on top of the ones before, a large one in steps; returns how many entries it changes. */
  *add(write: PlannedWrite): Generator<void, number, undefined> {
    const step = write.plan(this.#draft, this.#now);
    const isLarge = patchSize(step.patch) > LARGE;
    if (isLarge) yield;
    const patch = diff(this.#draft, step.patch);
    if (isLarge) yield;
    // It throws before anything of the step is in the batch: a refused registration must not be granted a lease.
    const undo = step.limits
      ? requireWithinQuotas(this.#draft, patch, step.limits)
      : invert(this.#draft, patch);
    write.result = step.result;
    this.grants.push(...(step.grants ?? []));
    this.drops.push(...(step.drops ?? []));
    this.expired.push(...(step.expired ?? []));
    if (isEmptyPatch(patch)) return 0;
    if (isLarge) yield;
    const { withdraws } = step;
    if (withdraws !== undefined) this.#draft.withdraw(withdraws);
    this.#draft.apply(patch, undo);
    // The time is part of the cursor: planned again on the same head, a write may carry another timestamp, and after a
    // failover one server may hold the first plan and one the second. One cursor for both would name two states.
    const cursor = nextCursor(this.#head, `${write.id} ${this.#now}`);
    this.commits.push({
      cursor,
      prev: this.#head,
      id: write.id,
      patch,
      undo,
      digest: formatDigest(this.#draft.digest),
      committedAt: this.#now,
      by: step.by,
      ...(step.principal !== undefined && { principal: step.principal }),
      ...(withdraws !== undefined && { withdraws }),
      origin: this.#origin,
    });
    this.#head = cursor;
    this.entries += patchSize(patch);
    if (isLarge) yield;
    return patchSize(patch);
  }
}
