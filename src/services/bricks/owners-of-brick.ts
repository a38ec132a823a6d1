import type { ManifestAt } from '../../domain/manifest-at.ts';
import { WHOLE } from '../../domain/view.ts';

/** The compositors that have a tile of this brick, at most `limit`, in the order in which the map has them. Looks at all tiles, a square at each step. */
export function* ownersOf(
  manifest: ManifestAt,
  brick: string,
  limit: number,
): Generator<void, ReadonlySet<string>, undefined> {
  const owners = new Set<string>();
  yield* manifest.catchUp();
  for (const { blocks, tiles } of manifest.tileGroups(WHOLE)) {
    for (const { owner, names } of blocks)
      if (!owners.has(owner.id) && names.some(({ text }) => text === brick)) owners.add(owner.id);
    for (const [, tile] of tiles) if (tile.brick === brick) owners.add(tile.compositor);
    if (owners.size >= limit) break;
    yield;
    yield* manifest.catchUp();
  }
  return new Set([...owners].slice(0, limit));
}
