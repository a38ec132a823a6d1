import { randomUUID } from 'node:crypto';
import type { Commit } from '../../src/domain/commit.ts';
import { nextCursor, type Cursor } from '../../src/domain/cursor.ts';
import { formatDigest } from '../../src/domain/digest.ts';
import { Draft } from '../../src/domain/draft.ts';
import { History } from '../../src/domain/history.ts';
import { LiveManifest } from '../../src/domain/live-manifest.ts';
import type { Patch } from '../../src/domain/patch.ts';
import type { Batch, CommitResult, Missed, Store, StoreState } from '../../src/domain/store.ts';
import { stateOf } from './samples.ts';

const KEEP_ALL = { commits: Infinity, seconds: 0, bytes: Infinity };

/** A replica in miniature: one copy of the manifest, kept as strictly as the real one must, and commits made on it. */
export class Author {
  readonly store: Store;
  readonly manifest: LiveManifest;
  readonly history: History;

  constructor(store: Store, state: StoreState) {
    this.store = store;
    this.manifest = new LiveManifest(state.manifest);
    this.history = new History(KEEP_ALL, state.log[0]?.prev ?? state.head);
    for (const commit of state.log) this.history.push(commit);
  }

  static async join(store: Store): Promise<Author> {
    return new Author(store, await stateOf(store));
  }

  get head(): Cursor {
    return this.history.head;
  }

  /** A batch on the head, one commit for each patch; nothing is sent or applied. */
  plan(patches: readonly Patch[], rest: Partial<Batch> = {}): Batch {
    const draft = new Draft(this.manifest);
    const expect = rest.expect ?? this.head;
    const commits: Commit[] = [];
    for (const patch of patches) {
      const prev = commits.at(-1)?.cursor ?? expect;
      const id = randomUUID();
      const undo = draft.apply(patch);
      commits.push({
        cursor: nextCursor(prev, id),
        prev,
        id,
        patch,
        undo,
        digest: formatDigest(draft.digest),
        committedAt: Date.now(),
        by: 'daemon',
        origin: 'test',
      });
    }
    return { expect, commits, grants: [], drops: [], expired: [], keepFrom: 0, ...rest };
  }

  /** One attempt; what it shows is applied, whether taken or not. */
  async send(batch: Batch): Promise<CommitResult> {
    const result = await this.store.commit(batch);
    if (result.taken) for (const commit of batch.commits) this.apply(commit);
    else this.absorb(result.missed);
    return result;
  }

  /** Commits each patch on its own in one batch, again and again until it is taken. */
  async write(...patches: Patch[]): Promise<readonly Commit[]> {
    for (;;) {
      const batch = this.plan(patches);
      const result = await this.send(batch);
      if (result.taken) return batch.commits;
      await this.catchUp();
    }
  }

  async catchUp(): Promise<void> {
    let missed: Missed;
    do {
      missed = await this.store.read(this.head);
      this.absorb(missed);
    } while (missed.head !== this.head);
  }

  absorb(missed: Missed): void {
    if (!missed.found) throw new Error(`${this.head} is not in the log, whose head is ${missed.head}`);
    for (const commit of missed.commits) this.apply(commit);
  }

  /** Throws when `commit` was not made on the head, or its digest disagrees with what it leaves. */
  apply(commit: Commit): void {
    this.history.push(commit);
    this.manifest.apply(commit.patch);
    const digest = formatDigest(this.manifest.digest);
    if (digest !== commit.digest) throw new Error(`${commit.cursor} says ${commit.digest}, not ${digest}`);
  }
}
