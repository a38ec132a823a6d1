import type { ManifestAt } from './manifest-at.ts';
import type { View } from './view.ts';

/** How many tiles each compositor has in view, of those with any. Costs little for squares that have not changed since then. */
export function* tileCounts(
  manifest: ManifestAt,
  view: View,
): Generator<void, Map<string, number>, undefined> {
  const counts = new Map<string, number>();
  const add = (id: string, tiles: number) => counts.set(id, (counts.get(id) ?? 0) + tiles);
  yield* manifest.catchUp();
  for (const { blocks, tiles } of manifest.tileGroups(view)) {
    for (const block of blocks) add(block.owner.id, block.size);
    for (const [, { compositor }] of tiles) add(compositor, 1);
    yield;
    yield* manifest.catchUp();
  }
  return counts;
}
