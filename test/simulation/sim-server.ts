import { decodeCommit, encodeCommit, type Commit } from '../../src/domain/commit.ts';
import { GENESIS, revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import {
  leaseKey,
  parseLeaseKey,
  type LeaseName,
  type LeaseTable,
  type LeaseTerm,
} from '../../src/domain/lease.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import { emptyManifest, type Manifest } from '../../src/domain/patch.ts';
import type { Batch, CommitResult, LoadedState, Missed, StoreState } from '../../src/domain/store.ts';
import { same } from './expected-states.ts';
import { checkRegions } from './region-rules.ts';
import { START } from './sim-clock.ts';
import type { World } from './world.ts';

/** What a server was: what a dump brings back, and what a lagging copy still has. */
export interface Past {
  readonly log: readonly Commit[];
  readonly state: Manifest;
  readonly leases: ReadonlyMap<string, number>;
}

/** One store server. Every method is atomic, as the port promises; what is between it and its clients is not here. */
export class SimServer {
  readonly name: string;
  readonly #world: World;
  #log: readonly Commit[];
  /** Shared with the expected states: nobody changes it. */
  #state: Manifest;
  #leases: Map<string, number>;
  readonly #past: Past[] = [];
  readonly #listeners = new Set<() => void>();
  /** What its clock is ahead of the true time, milliseconds. */
  clockOffset = 0;
  /** While it stands still, what arrives waits. */
  #stalled: (() => void)[] | undefined;

  constructor(world: World, name: string, past?: Past) {
    this.name = name;
    this.#world = world;
    this.#log = past?.log ?? [];
    this.#state = past?.state ?? emptyManifest();
    this.#leases = new Map(past?.leases);
    world.heads.moved(this, this.head);
  }

  get head(): Cursor {
    return this.#log.at(-1)?.cursor ?? GENESIS;
  }

  get state(): Manifest {
    return this.#state;
  }

  get past(): readonly Past[] {
    return this.#past;
  }

  get present(): Past {
    return { log: this.#log, state: this.#state, leases: this.#leases };
  }

  get clock(): number {
    const { agenda, profile } = this.#world;
    return START + agenda.now * profile.clockRate + this.clockOffset;
  }

  /** Does `work` when it does not stand still. */
  arrive(work: () => void): void {
    if (this.#stalled) this.#stalled.push(work);
    else work();
  }

  stall(): void {
    this.#stalled ??= [];
  }

  resume(): void {
    const waiting = this.#stalled ?? [];
    this.#stalled = undefined;
    for (const work of waiting) work();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Becomes what it was, or empty. */
  restore(past: Past | undefined): void {
    this.#log = past?.log ?? [];
    this.#state = past?.state ?? emptyManifest();
    this.#leases = new Map(past?.leases);
    this.#past.length = 0;
    this.#world.heads.moved(this, this.head);
  }

  load(): LoadedState {
    return { head: this.head, manifest: new LiveManifest(this.#state), log: [...this.#log] };
  }

  read(cursor: Cursor): Missed {
    const { head } = this;
    if (cursor === head) return { head, commits: [], found: true };
    const first = this.#log[0];
    const from =
      cursor === first?.prev ? 0 : this.#log.findIndex((commit) => commit.cursor === cursor) + 1 || undefined;
    if (from === undefined) return { head, commits: [], found: false };
    return { head, commits: this.#log.slice(from, from + this.#world.profile.cap), found: true };
  }

  commit(batch: Batch): CommitResult {
    if (batch.expect !== this.head) return { taken: false, why: 'head', missed: this.read(batch.expect) };
    if (batch.expired.some((lease) => (this.#leases.get(leaseKey(lease)) ?? 0) > this.clock))
      return { taken: false, why: 'lease', missed: { head: this.head, commits: [], found: true } };
    if (batch.commits.length > 0) this.#remember();
    for (const commit of batch.commits) this.#append(commit);
    for (const lease of batch.drops) this.#drop(lease);
    for (const lease of batch.grants) this.#grant(lease);
    this.#trim(batch.keepFrom);
    if (batch.commits.length > 0) for (const listener of this.#listeners) listener();
    return { taken: true };
  }

  leases(): LeaseTable {
    const leases = [...this.#leases].map(([key, deadline]) => ({ ...parseLeaseKey(key), deadline }));
    return { now: this.clock, leases };
  }

  renew(terms: readonly LeaseTerm[]): boolean[] {
    return terms.map((term) => {
      if (!this.#leases.has(leaseKey(term))) return false;
      this.#grant(term);
      return true;
    });
  }

  refill(state: StoreState): boolean {
    if (this.head !== GENESIS) return false;
    const { report, expected } = this.#world;
    const truth = expected.state(state.head);
    if (!truth || !same(truth, state.manifest) || (state.log.at(-1)?.cursor ?? state.head) !== state.head)
      report.violation('REFILL-WRONG', `with ${expected.name(state.head)}`);
    this.#log = state.log.slice(-this.#world.profile.keep);
    this.#state = truth ?? state.manifest;
    report.trace(() => `${this.name} is filled with ${expected.name(this.head)}`);
    this.#world.heads.moved(this, this.head);
    return true;
  }

  #append(commit: Commit): void {
    const { expected, report, renewals } = this.#world;
    if (commit.prev !== this.head)
      report.violation('CHAIN-BROKEN', `${commit.cursor} after ${expected.name(this.head)}`);
    // A commit that is put back was checked when it was made.
    const isNew = !expected.commit(commit.cursor);
    if (isNew) renewals.check(this, commit, this.#state);
    const before = this.#state;
    this.#state = expected.record(commit);
    if (isNew) checkRegions(report, commit, before, this.#state);
    // As its text would be read again: without the tiles that it withdraws.
    const kept = commit.withdraws === undefined ? commit : decodeCommit(encodeCommit(commit));
    this.#log = [...this.#log, kept];
    report.trace(
      () =>
        `${this.name} takes ${expected.name(commit.cursor)} of ${commit.by} by ${commit.origin}: ${[
          ...commit.patch.compositors.keys(),
          ...[...commit.patch.tiles].map(([key, tile]) => `${key}=${tile ? tile.brick.slice(0, 6) : 'null'}`),
          // Their ids are drawn anew in each run.
          ...[...commit.patch.regions.values()].map((region) => region?.purpose ?? 'a region ends'),
        ].join(' ')}`,
    );
    this.#world.heads.moved(this, this.head);
    this.#world.committed(this, commit);
  }

  #remember(): void {
    this.#past.push({ log: this.#log, state: this.#state, leases: new Map(this.#leases) });
    if (this.#past.length > 8) this.#past.shift();
  }

  #trim(keepFrom: number): void {
    const { keep } = this.#world.profile;
    let first = 0;
    while (
      first < this.#log.length - 1 &&
      (revisionOf(this.#log[first]!.cursor) < keepFrom || this.#log.length - first > keep)
    )
      first += 1;
    if (first > 0) this.#log = this.#log.slice(first);
  }

  #grant(lease: LeaseTerm): void {
    this.#leases.set(leaseKey(lease), this.clock + lease.ttl * 1000);
    this.#world.renewals.renewed(this, lease);
  }

  #drop(lease: LeaseName): void {
    this.#leases.delete(leaseKey(lease));
  }
}
