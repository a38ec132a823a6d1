import { encodeCommit, type Commit } from '../../src/domain/commit.ts';
import { makeCompositor, type Compositor } from '../../src/domain/compositor.ts';
import { patchOf, type Manifest, type Patch } from '../../src/domain/patch.ts';
import { makeRegion, type Region } from '../../src/domain/region.ts';
import type { Batch, Store, StoreState } from '../../src/domain/store.ts';
import type { Tile } from '../../src/domain/tile.ts';

export function tile(brick: string, compositor = 'wall', timestamp = 1_700_000_000.5): Tile {
  return { brick, timestamp, compositor };
}

/** A patch of tiles only; a string is a tile's brick, null a removal. */
export function tilePatch(tiles: Readonly<Record<string, string | null>>, owner = 'wall'): Patch {
  const entries = Object.entries(tiles).map(
    ([key, brick]) => [key, brick === null ? null : tile(brick, owner)] as const,
  );
  return patchOf({ tiles: new Map(entries) });
}

/** `count` tiles of `owner`, from the `from`-th cell of a plane 100 cells wide on. */
export function tilesOf(owner: string, brick: string, count: number, from = 0): Patch {
  const keys = Array.from({ length: count }, (_, i) => `${(from + i) % 100},${Math.floor((from + i) / 100)}`);
  return tilePatch(Object.fromEntries(keys.map((key) => [key, brick])), owner);
}

export function compositor(id: string, labels: Readonly<Record<string, string>> = {}): Compositor {
  return makeCompositor({
    id,
    name: `The ${id}`,
    version: undefined,
    platform: 'linux',
    protocol: 'http',
    address: '127.0.0.1',
    port: 5000,
    labels,
    capabilities: ['tiles'],
    enabled: true,
    ttl: 30,
    generation: `${id}-1`,
    instance: undefined,
    managedBy: undefined,
    registeredAt: '2024-01-01T00:00:00.000Z',
    staleAt: undefined,
    link: undefined,
  });
}

export function compositorPatch(...entries: readonly Compositor[]): Patch {
  return patchOf({ compositors: new Map(entries.map((entry) => [entry.id, entry])) });
}

export function region(compositor: string, rect: string, more: Partial<Region> = {}): Region {
  return makeRegion({
    ...{ rect, compositor, purpose: 'building', exclusive: true, ttl: 300, generation: 'one' },
    ...more,
  });
}

/** A patch of regions only. */
export function regionPatch(regions: Readonly<Record<string, Region | null>>): Patch {
  return patchOf({ regions: new Map(Object.entries(regions)) });
}

/** A batch that would do something in every way a batch can, for tests that nothing of it was done. */
export function loudBatch(batch: Batch): Batch {
  return {
    ...batch,
    grants: [{ id: 'loud', generation: 'g', ttl: 60 }],
    drops: [{ id: 'held', generation: 'g' }],
    keepFrom: Number.MAX_SAFE_INTEGER,
  };
}

/** The same text for the same map, whatever order its entries came in. */
export function mapText(map: Manifest): string {
  return JSON.stringify([sorted(map.compositors), sorted(map.tiles), sorted(map.regions)]);
}

/** What a store holds, with its map as one that the store can be filled with. */
export async function stateOf(store: Pick<Store, 'load'>): Promise<StoreState> {
  const { head, manifest, log } = await store.load();
  return { head, manifest: manifest.copy(), log };
}

export function logText(log: readonly Commit[]): string {
  return log.map((commit) => encodeCommit(sortedCommit(commit))).join('\n');
}

export function idsOf(log: readonly Commit[]): string[] {
  return log.map((commit) => commit.id);
}

function sortedCommit(commit: Commit): Commit {
  const patch = (p: Patch): Patch => ({
    compositors: new Map(sorted(p.compositors)),
    tiles: new Map(sorted(p.tiles)),
    regions: new Map(sorted(p.regions)),
  });
  return { ...commit, patch: patch(commit.patch), undo: patch(commit.undo) };
}

function sorted<T>(entries: ReadonlyMap<string, T>): [string, T][] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
}
