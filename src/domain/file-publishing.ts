import { makeCompositor, type Compositor } from './compositor.ts';
import type { FieldError } from './errors.ts';
import type { FileChange } from './file-comparison.ts';
import { isLater, sameFileTile } from './file-tile.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { patchOf, type Patch } from './patch.ts';
import { printableExpects } from './printable.ts';
import { publishEach, type TileWrite } from './publishing.ts';
import { regionAgainst } from './reserving.ts';
import { cellOf, isBrick, MAX_BRICK } from './tile.ts';

/**
 * The patch that `changes` of the shared file lead to, on behalf of the compositor `owner`, which is made if it is not there: without a lease,
 * since the file does not renew one. What is newer in the manifest by now stays; what the rules forbid is left out and reported. Unlike a
 * compositor, the file removes tiles of others, for in the file nobody owns anything; but not in an exclusive region of theirs.
 *
 * @param now Milliseconds since 1970.
 */
export function publishFile(
  manifest: ManifestReader,
  owner: string,
  changes: readonly FileChange[],
  now: number,
): { patch: Patch; rejected: FieldError[] } {
  const writes = new Map<string, TileWrite | null>();
  const removed: string[] = [];
  const barred: FieldError[] = [];
  for (const { key, tile, present } of changes) {
    const before = manifest.tile(key);
    if (tile && !isBrick(tile.brick)) {
      const detail = `must be ${printableExpects(1, MAX_BRICK)}`;
      barred.push({ in: 'body', field: `/${key}/brick`, detail });
    } else if (tile) {
      const isAsFound = sameFileTile(before, present);
      if (isAsFound || (before && isLater(tile.timestamp, before.timestamp))) writes.set(key, tile);
    } else if (before && sameFileTile(before, present)) {
      const region = before.compositor === owner ? undefined : regionAgainst(manifest, owner, cellOf(key));
      if (!region) removed.push(key);
      else
        barred.push({
          in: 'body',
          field: `/${key}`,
          detail: `lies in the exclusive region ${region.id} of ${region.compositor}`,
        });
    }
  }
  const { tiles, rejected } = publishEach(manifest, owner, writes, now / 1000);
  for (const key of removed) tiles.set(key, null);
  const compositors = new Map<string, Compositor>();
  if (!manifest.compositor(owner) && tiles.size > 0) compositors.set(owner, ownerEntry(owner, now));
  return { patch: patchOf({ compositors, tiles }), rejected: [...rejected, ...barred] };
}

function ownerEntry(id: string, now: number): Compositor {
  return makeCompositor({ id, name: 'Shared file', registeredAt: new Date(now).toISOString() });
}
