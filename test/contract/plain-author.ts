import { randomUUID } from 'node:crypto';
import { applyCommits } from '../../src/domain/batch-changes.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { nextCursor } from '../../src/domain/cursor.ts';
import { digestOf, formatDigest } from '../../src/domain/digest.ts';
import { copyManifest, type Manifest, type Patch } from '../../src/domain/patch.ts';
import type { Batch, Store, StoreState } from '../../src/domain/store.ts';
import { endOf, inverse } from '../support/algebra.ts';
import { stateOf } from './samples.ts';

/** A change: a patch, or the id of a compositor that is withdrawn. */
export type Change = Patch | string;

/** Makes commits on a plain manifest, and knows what the store must hold after them. The only one who writes there. */
export class PlainAuthor {
  readonly store: Store;
  readonly log: Commit[];
  #manifest: Manifest;

  constructor(store: Store, state: Pick<StoreState, 'manifest' | 'log'>) {
    this.store = store;
    this.log = [...state.log];
    this.#manifest = state.manifest;
  }

  static async join(store: Store): Promise<PlainAuthor> {
    return new PlainAuthor(store, await stateOf(store));
  }

  get manifest(): Manifest {
    return this.#manifest;
  }

  /** Commits one commit for each change, in one batch. */
  async write(...changes: readonly Change[]): Promise<readonly Commit[]> {
    return this.send(changes);
  }

  async send(changes: readonly Change[], rest: Partial<Batch> = {}): Promise<readonly Commit[]> {
    const expect = this.log.at(-1)?.cursor ?? (await this.store.head());
    const commits: Commit[] = [];
    let manifest = this.#manifest;
    for (const change of changes) {
      const commit = commitOf(manifest, change, commits.at(-1)?.cursor ?? expect);
      manifest = applyCommits(copyManifest(manifest), [commit]);
      commits.push({ ...commit, digest: formatDigest(digestOf(manifest.tiles)) });
    }
    const none = { grants: [], drops: [], expired: [], keepFrom: 0 };
    const result = await this.store.commit({ expect, commits, ...none, ...rest });
    if (!result.taken) throw new Error(`the batch lost: ${result.why}`);
    this.log.push(...commits);
    this.#manifest = manifest;
    return commits;
  }
}

function commitOf(manifest: Manifest, change: Change, prev: Commit['prev']): Commit {
  const id = randomUUID();
  // In memory such a commit may name its tiles; a store must not need them.
  const patch = typeof change === 'string' ? endOf(manifest, change) : change;
  return {
    ...{ cursor: nextCursor(prev, id), prev, id, patch, undo: inverse(manifest, patch) },
    ...(typeof change === 'string' && { withdraws: change }),
    ...{ digest: '', committedAt: Date.now(), by: 'daemon', origin: 'test' },
  };
}
