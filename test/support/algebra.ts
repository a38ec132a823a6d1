import type { ManifestReader } from '../../src/domain/manifest-reader.ts';
import { apply, compose, copyManifest, diff, emptyPatch, invert } from '../../src/domain/patch.ts';
import type { Manifest, Patch } from '../../src/domain/patch.ts';
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

/** A compositor goes, with every tile it has. */
export function endOf(manifest: Manifest, id: string): Patch {
  const own = [...manifest.tiles].filter(([, tile]) => tile.compositor === id);
  return { compositors: new Map([[id, null]]), tiles: new Map(own.map(([key]) => [key, null])) };
}

/** The smallest patch that leads from `a` to `b`. */
export function difference(a: Manifest, b: Manifest): Patch {
  const removed = <T>(entries: Map<string, T>) => new Map([...entries.keys()].map((key) => [key, null]));
  const removal = { compositors: removed(a.compositors), tiles: removed(a.tiles) };
  return diff(readerOf(a), composed(removal, b));
}

/** The part of a manifest that `view` shows: what a search through all of it finds. */
export function selected(manifest: Manifest, view: View): Manifest {
  return {
    compositors: new Map([...manifest.compositors].filter(([id]) => viewHasCompositor(view, id))),
    tiles: new Map([...manifest.tiles].filter(([key, tile]) => viewHasTile(view, key, tile))),
  };
}

export function readerOf(manifest: Manifest): Pick<ManifestReader, 'compositor' | 'tile'> {
  return { compositor: (id) => manifest.compositors.get(id), tile: (key) => manifest.tiles.get(key) };
}
