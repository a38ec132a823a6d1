import { areaNameOf } from './area.ts';
import { digestOf, EMPTY_DIGEST, sumOf, type Digest } from './digest.ts';
import type { ManifestAt, TileGroup } from './manifest-at.ts';
import { columnOf, rowOf, SQUARE_LEVEL } from './square.ts';
import type { Tile } from './tile.ts';
import type { View } from './view.ts';

/** By the name of the square, as that of an area ({@link areaNameOf}); those without tiles are left out. */
export type SquareDigests = ReadonlyMap<string, Digest>;

/**
 * The digests of the tiles that `view` shows, in squares of 2^zoom x 2^zoom cells; `zoom` is at least {@link SQUARE_LEVEL}. A square that
 * the edge of the view cuts counts only the tiles inside. Together they have the digest of the view. Undefined when there are more than
 * `limit`. Others may commit between two steps. Throws `HistoryTrimmed`.
 */
export function* digestsIn(
  manifest: ManifestAt,
  view: View,
  { zoom, limit }: { zoom: number; limit: number },
): Generator<void, SquareDigests | undefined, undefined> {
  const digests = new Map<string, Digest>();
  yield* manifest.catchUp();
  for (const group of manifest.tileGroups(view)) {
    const digest = digestOfGroup(group);
    if (digest.tiles > 0) {
      const levels = zoom - SQUARE_LEVEL;
      const name = `${columnOf(group.square) >> levels},${rowOf(group.square) >> levels}`;
      digests.set(name, sumOf([digests.get(name) ?? EMPTY_DIGEST, digest]));
      if (digests.size > limit) return undefined;
    }
    yield;
    yield* manifest.catchUp();
  }
  return digests;
}

function digestOfGroup({ blocks, tiles }: TileGroup): Digest {
  return sumOf([...blocks.map(({ digest }) => digest), digestOf(tiles)]);
}

/** The same of these tiles: the definition, for those who hold them. */
export function digestsOf(tiles: Iterable<readonly [string, Tile]>, zoom: number): SquareDigests {
  const digests = new Map<string, Digest>();
  for (const entry of tiles) {
    const name = areaNameOf(entry[0], zoom);
    digests.set(name, sumOf([digests.get(name) ?? EMPTY_DIGEST, digestOf([entry])]));
  }
  return digests;
}

/** The names of the squares whose tiles differ. */
export function differing(a: SquareDigests, b: SquareDigests): string[] {
  const names = new Set([...a.keys(), ...b.keys()]);
  return [...names].filter((name) => {
    const [left, right] = [a.get(name), b.get(name)];
    return left?.tiles !== right?.tiles || left?.sum !== right?.sum;
  });
}
