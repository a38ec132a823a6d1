import { sameCompositor, type Compositor } from './compositor.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { sameRegion, viewHasRegion, type Region } from './region.ts';
import { sameTile, type Tile } from './tile.ts';
import { viewHasCompositor, viewHasTile, type Rect, type View } from './view.ts';

/**
 * The patch algebra: the one kind of change there is. Its laws are properties in
 * `test/domain/patch.test.ts` (docs/decisions/0009). Maps, not objects: a key may be any string, `__proto__` too.
 */
export interface Manifest {
  readonly compositors: Map<string, Compositor>;
  /** By `"x,y"`. */
  readonly tiles: Map<string, Tile>;
  readonly regions: Map<string, Region>;
}

/** Changes of tiles. Very many may know a short way to those inside a rectangle. */
export interface TileChanges extends ReadonlyMap<string, Tile | null> {
  /** The keys inside `rect`. */
  within?(rect: Rect): Iterable<string>;
  /** What they keep in memory though the text of their commit does not have them. */
  readonly bytes?: number;
}

/** A value replaces the entry whole; `null` removes it. */
export interface Patch {
  readonly compositors: ReadonlyMap<string, Compositor | null>;
  readonly tiles: TileChanges;
  readonly regions: ReadonlyMap<string, Region | null>;
}

/** A patch that is being made. */
export interface MutablePatch extends Patch {
  readonly compositors: Map<string, Compositor | null>;
  readonly tiles: Map<string, Tile | null>;
  readonly regions: Map<string, Region | null>;
}

type Entries = Pick<ManifestReader, 'compositor' | 'tile' | 'region'>;

export function emptyManifest(): Manifest {
  return { compositors: new Map(), tiles: new Map(), regions: new Map() };
}

export function emptyPatch(): MutablePatch {
  return { compositors: new Map(), tiles: new Map(), regions: new Map() };
}

/** A patch of these entries, and no others. */
export function patchOf(entries: Partial<Patch>): Patch {
  return { ...emptyPatch(), ...entries };
}

export function copyManifest({ compositors, tiles, regions }: Manifest): Manifest {
  return { compositors: new Map(compositors), tiles: new Map(tiles), regions: new Map(regions) };
}

/** Something with so many entries: a patch of tiles, or of areas. */
interface Sized {
  readonly compositors: { readonly size: number };
  readonly tiles: { readonly size: number };
  readonly regions: { readonly size: number };
}

export function isEmptyPatch(patch: Sized): boolean {
  return patchSize(patch) === 0;
}

/** How many entries a patch names. */
export function patchSize(patch: Sized): number {
  return patch.compositors.size + patch.tiles.size + patch.regions.size;
}

/**
 * The same patch in parts of at most `size` entries: each entry stands for itself. With `rect`, tiles outside it may be missing.
 */
export function* partsOf(patch: Patch, size: number, rect?: Rect): Generator<Patch, void, undefined> {
  if (patchSize(patch) <= size) {
    yield patch;
    return;
  }
  let part = emptyPatch();
  for (const [id, entry] of patch.compositors) {
    part.compositors.set(id, entry);
    if (patchSize(part) < size) continue;
    yield part;
    part = emptyPatch();
  }
  for (const [id, region] of patch.regions) {
    part.regions.set(id, region);
    if (patchSize(part) < size) continue;
    yield part;
    part = emptyPatch();
  }
  for (const [key, tile] of tilesNear(patch.tiles, rect)) {
    part.tiles.set(key, tile);
    if (patchSize(part) < size) continue;
    yield part;
    part = emptyPatch();
  }
  if (!isEmptyPatch(part)) yield part;
}

/** All changes, or where there is a short way to them those inside `rect`. */
function* tilesNear(tiles: TileChanges, rect: Rect | undefined): Iterable<readonly [string, Tile | null]> {
  if (!rect || !tiles.within) yield* tiles;
  else for (const key of tiles.within(rect)) yield [key, tiles.get(key) ?? null];
}

/** Changes `manifest` in place and returns it; entries the patch does not name stay as they are. */
export function apply(manifest: Manifest, patch: Patch): Manifest {
  applyEntries(manifest.compositors, patch.compositors);
  applyEntries(manifest.tiles, patch.tiles);
  applyEntries(manifest.regions, patch.regions);
  return manifest;
}

function applyEntries<T>(entries: Map<string, T>, patch: ReadonlyMap<string, T | null>): void {
  for (const [key, value] of patch) {
    if (value === null) entries.delete(key);
    else entries.set(key, value);
  }
}

/** Makes `patch` do what it and then `next` do, and returns it: for folding a long run of commits. */
export function compose(patch: MutablePatch, next: Patch): MutablePatch {
  for (const [id, entry] of next.compositors) patch.compositors.set(id, entry);
  for (const [key, tile] of next.tiles) patch.tiles.set(key, tile);
  for (const [id, region] of next.regions) patch.regions.set(id, region);
  return patch;
}

/** What to apply after `patch` to be back at `manifest`; it names exactly the entries that `patch` names. */
export function invert(manifest: Entries, patch: Patch): Patch {
  const undo = emptyPatch();
  for (const id of patch.compositors.keys()) undo.compositors.set(id, manifest.compositor(id) ?? null);
  for (const key of patch.tiles.keys()) undo.tiles.set(key, manifest.tile(key) ?? null);
  for (const id of patch.regions.keys()) undo.regions.set(id, manifest.region(id) ?? null);
  return undo;
}

/** The smallest patch that leads from `manifest` to where `patch` leads: the part that changes something. */
export function diff(manifest: Entries, patch: Patch): Patch {
  const part = emptyPatch();
  for (const [id, entry] of patch.compositors)
    if (!sameCompositor(manifest.compositor(id), entry)) part.compositors.set(id, entry);
  for (const [key, tile] of patch.tiles) if (!sameTile(manifest.tile(key), tile)) part.tiles.set(key, tile);
  for (const [id, region] of patch.regions)
    if (!sameRegion(manifest.region(id), region)) part.regions.set(id, region);
  return part;
}

/**
 * What `patch` changes in `view`. `undo` is the patch's inverse: a tile that an owner outside the view
 * took over becomes a removal (as does a region that left the view), but only if the view had it, and only the undo knows that.
 *
 * Several commits are selected one by one and then composed, never the other way round: a reader that heard more than
 * its cursor says may hold a tile that was neither there at its cursor nor is there now, and the composition of
 * selections still names it (docs/decisions/0004).
 */
export function select(patch: Patch, undo: Patch, view: View): Patch {
  const part = emptyPatch();
  for (const [id, entry] of patch.compositors)
    if (viewHasCompositor(view, id)) part.compositors.set(id, entry);
  for (const [key, tile] of patch.tiles) {
    if (tile !== null && viewHasTile(view, key, tile)) {
      part.tiles.set(key, tile);
    } else {
      const before = undo.tiles.get(key);
      if (before && viewHasTile(view, key, before)) part.tiles.set(key, null);
    }
  }
  for (const [id, region] of patch.regions) {
    const before = undo.regions.get(id);
    if (region && viewHasRegion(view, region)) part.regions.set(id, region);
    else if (before && viewHasRegion(view, before)) part.regions.set(id, null);
  }
  return part;
}
