import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { applyCommits, changesOf } from '../../src/domain/batch-changes.ts';
import type { Commit } from '../../src/domain/commit.ts';
import { GENESIS, nextCursor, revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import {
  apply,
  copyManifest,
  emptyPatch,
  patchOf,
  type Manifest,
  type Patch,
} from '../../src/domain/patch.ts';
import { decodeTile, withRevision } from '../../src/domain/stored-tile.ts';
import { cellKey, manifests, owner, patches, same } from '../support/arbitraries.ts';
import { law } from './law.ts';

/** A patch, or a withdrawal that names any tiles and compositors. */
type Change = readonly [patch: Patch, withdraws?: string];

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(patches(cellKey)) },
  { weight: 1, arbitrary: fc.tuple(patches(cellKey), owner) },
);
const changes = fc.array(change, { maxLength: 8 });

function commitsOf(run: readonly Change[], base: Cursor = GENESIS): Commit[] {
  const commits: Commit[] = [];
  for (const [i, [patch, withdraws]] of run.entries()) {
    const prev = commits.at(-1)?.cursor ?? base;
    commits.push({
      ...{ cursor: nextCursor(prev, String(i)), prev, id: String(i), patch, undo: emptyPatch() },
      ...(withdraws !== undefined && { withdraws }),
      ...{ digest: '', committedAt: 0, by: 'a', origin: 'here' },
    });
  }
  return commits;
}

/** What a commit does, in the plainest words. */
function applied(manifest: Manifest, { patch, withdraws }: Commit): Manifest {
  if (withdraws === undefined) return apply(manifest, patch);
  for (const [key, { compositor }] of [...manifest.tiles])
    if (compositor === withdraws) manifest.tiles.delete(key);
  return apply(manifest, { ...patch, tiles: new Map() });
}

law(t, 'a run of commits is each of them after the other', [manifests(cellKey), changes], (manifest, run) => {
  const commits = commitsOf(run);
  const expected = commits.reduce(applied, copyManifest(manifest));
  assert.equal(applyCommits(manifest, commits), manifest);
  same(manifest, expected);
});

law(t, 'it names the newest withdrawal of each, and changes no commit', [changes], (run) => {
  const commits = commitsOf(run);
  const before = JSON.stringify(commits);
  const expected = new Map<string, Cursor>();
  for (const { withdraws, cursor } of commits) if (withdraws !== undefined) expected.set(withdraws, cursor);
  assert.deepEqual(new Map([...changesOf(commits).withdrawn].sort()), new Map([...expected].sort()));
  assert.equal(JSON.stringify(commits), before);
});

t.test('the million tiles that a commit which withdraws may name are not looked at', async (t) => {
  const tiles: Patch['tiles'] = Object.assign(new Map<string, null>(), {
    [Symbol.iterator]: () => t.fail('they are looked at') as never,
  });
  t.same(changesOf(commitsOf([[patchOf({ tiles }), 'wall']])).patch, emptyPatch());
});

/** The tables of a store: texts of tiles, and withdrawals that are not swept. */
class Tables {
  readonly tiles = new Map<string, string>();
  readonly withdrawn = new Map<string, Cursor>();
  readonly compositors: Manifest['compositors'];
  readonly regions: Manifest['regions'];

  constructor({ tiles, compositors, regions }: Manifest) {
    this.compositors = compositors;
    this.regions = regions;
    for (const [key, tile] of tiles) this.tiles.set(key, JSON.stringify(tile));
  }

  commit(commits: readonly Commit[]): void {
    const { patch, withdrawn } = changesOf(commits);
    const revision = revisionOf(commits.at(-1)?.cursor ?? GENESIS);
    for (const [id, cursor] of withdrawn) this.withdrawn.set(id, cursor);
    for (const [key, tile] of patch.tiles) {
      const text = JSON.stringify(tile);
      if (tile === null) this.tiles.delete(key);
      else this.tiles.set(key, this.withdrawn.size > 0 ? withRevision(text, revision) : text);
    }
    const { compositors, regions } = this;
    apply({ compositors, regions, tiles: new Map() }, { ...patch, tiles: new Map() });
  }

  load(): Manifest {
    const tiles: Manifest['tiles'] = new Map();
    for (const [key, text] of this.tiles) {
      const tile = decodeTile(text, this.withdrawn);
      if (tile) tiles.set(key, tile);
    }
    return { compositors: this.compositors, regions: this.regions, tiles };
  }

  sweep(keys: Iterable<string>): void {
    for (const key of keys) {
      const text = this.tiles.get(key);
      if (text !== undefined && decodeTile(text, this.withdrawn) === undefined) this.tiles.delete(key);
    }
  }
}

law(
  t,
  'tables that sweep later hold at every time what the commits say',
  [manifests(cellKey), fc.array(fc.tuple(changes, fc.integer({ min: 0, max: 4 })), { maxLength: 6 })],
  (manifest, batches) => {
    const tables = new Tables(copyManifest(manifest));
    // -0 is 0 in JSON.
    for (const [key, tile] of manifest.tiles)
      manifest.tiles.set(key, { ...tile, timestamp: tile.timestamp + 0 });
    let head = GENESIS;
    let sweep: { left: string[]; withdrawn: readonly (readonly [string, Cursor])[] } | undefined;
    for (const [run, steps] of batches) {
      const commits = commitsOf(run, head);
      head = commits.at(-1)?.cursor ?? head;
      tables.commit(commits);
      commits.reduce(applied, manifest);
      same(tables.load(), manifest);
      for (let step = 0; step < steps; step++) {
        sweep ??= { left: [...tables.tiles.keys()], withdrawn: [...tables.withdrawn] };
        tables.sweep(sweep.left.splice(0, 3));
        if (sweep.left.length === 0) {
          for (const [id, cursor] of sweep.withdrawn)
            if (tables.withdrawn.get(id) === cursor) tables.withdrawn.delete(id);
          sweep = undefined;
        }
        same(tables.load(), manifest);
      }
    }
  },
);
