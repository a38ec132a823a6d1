import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { apply, compose, copyManifest, diff, emptyPatch, invert } from '../../src/domain/patch.ts';
import type { Manifest, Patch } from '../../src/domain/patch.ts';
import { viewHasRegion } from '../../src/domain/region.ts';
import { viewHasCompositor, viewHasTile, type View } from '../../src/domain/view.ts';

/** `manifest` after `run`; it stays as it is. */
export function applied(manifest: Manifest, ...run: Patch[]): Manifest {
  return run.reduce(apply, copyManifest(manifest));
}

/** One patch that does what all of `run` do, in order; they stay as they are. */
export function composed(...run: Patch[]): Patch {
  return run.reduce(compose, emptyPatch());
}

export function inverse(manifest: Manifest, patch: Patch): Patch {
  return invert(readerOf(manifest), patch);
}

/** A compositor goes, with every tile and region it has. */
export function endOf(manifest: Manifest, id: string): Patch {
  const own = <T extends { compositor: string }>(entries: ReadonlyMap<string, T>) =>
    removalOf(new Map([...entries].filter(([, { compositor }]) => compositor === id)));
  const { tiles, regions } = manifest;
  return { compositors: new Map([[id, null]]), tiles: own(tiles), regions: own(regions) };
}

/** All of these entries go. */
function removalOf(entries: ReadonlyMap<string, unknown>): Map<string, null> {
  return new Map([...entries.keys()].map((key) => [key, null]));
}

/** Everything goes. */
export function emptying({ compositors, tiles, regions }: Manifest): Patch {
  return { compositors: removalOf(compositors), tiles: removalOf(tiles), regions: removalOf(regions) };
}

/** The smallest patch that leads from `a` to `b`. */
export function difference(a: Manifest, b: Manifest): Patch {
  return diff(readerOf(a), composed(emptying(a), b));
}

/** The part of a manifest that `view` shows: what a search through all of it finds. */
export function selected(manifest: Manifest, view: View): Manifest {
  return {
    compositors: new Map([...manifest.compositors].filter(([id]) => viewHasCompositor(view, id))),
    tiles: new Map([...manifest.tiles].filter(([key, tile]) => viewHasTile(view, key, tile))),
    regions: new Map([...manifest.regions].filter(([, region]) => viewHasRegion(view, region))),
  };
}

export function readerOf({
  compositors,
  tiles,
  regions,
}: Manifest): Pick<ManifestReader, 'compositor' | 'tile' | 'region'> {
  return {
    compositor: (id) => compositors.get(id),
    tile: (key) => tiles.get(key),
    region: (id) => regions.get(id),
  };
}
