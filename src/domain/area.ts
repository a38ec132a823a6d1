import { cellOf, type Tile } from './tile.ts';

/** The largest zoom: areas of 65,536 x 65,536 cells. */
export const MAX_ZOOM = 16;

/** So many owners of an area are named. */
const NAMED_OWNERS = 4;

/** The tiles of 2^zoom x 2^zoom cells, summed up. */
export interface Area {
  /** How many there are; at least 1. */
  readonly tiles: number;
  /** Those who own most of them, with how many; of equal ones the lesser id first. */
  readonly owners: readonly (readonly [compositor: string, tiles: number])[];
  /** The newest of their timestamps, Unix seconds. */
  readonly timestamp: number;
}

/** What one owner has in an area. */
export interface Share {
  readonly owner: string;
  readonly tiles: number;
  /** The newest timestamp. */
  readonly newest: number;
}

/** The name `"ax,ay"` of the area in which a cell lies: it has the cells `ax * 2^zoom` to `ax * 2^zoom + 2^zoom - 1`, and so on. */
export function areaNameOf(key: string, zoom: number): string {
  const { x, y } = cellOf(key);
  return `${x >> zoom},${y >> zoom}`;
}

/** Undefined without tiles: there is no such area. */
export function areaOf(shares: Iterable<Share>): Area | undefined {
  let tiles = 0;
  let timestamp = -Infinity;
  const owners: (readonly [string, number])[] = [];
  for (const share of shares) {
    tiles += share.tiles;
    timestamp = Math.max(timestamp, share.newest);
    // An area may have ten thousand owners: they are not sorted.
    let at = owners.length;
    while (at > 0 && isBefore(share, owners[at - 1]!)) at -= 1;
    if (at === NAMED_OWNERS) continue;
    owners.splice(at, 0, [share.owner, share.tiles]);
    if (owners.length > NAMED_OWNERS) owners.pop();
  }
  return tiles === 0 ? undefined : { tiles, owners, timestamp };
}

function isBefore(share: Share, [owner, tiles]: readonly [string, number]): boolean {
  return share.tiles > tiles || (share.tiles === tiles && share.owner < owner);
}

/** The areas of these tiles, by name: the definition, for those who hold the tiles. */
export function areasOf(tiles: Iterable<readonly [string, Tile]>, zoom: number): Map<string, Area> {
  const sums = new TileSums(zoom);
  sums.add(tiles);
  return sums.areas();
}

/** Sums tiles up to areas, some at a time. */
export class TileSums {
  readonly #zoom: number;
  readonly #shares = new Map<string, Map<string, Share>>();

  constructor(zoom: number) {
    this.#zoom = zoom;
  }

  add(tiles: Iterable<readonly [string, Tile]>): void {
    for (const [key, { compositor: owner, timestamp }] of tiles) {
      const name = areaNameOf(key, this.#zoom);
      let owners = this.#shares.get(name);
      if (!owners) this.#shares.set(name, (owners = new Map<string, Share>()));
      const { tiles: count = 0, newest = -Infinity } = owners.get(owner) ?? {};
      owners.set(owner, { owner, tiles: count + 1, newest: Math.max(newest, timestamp) });
    }
  }

  areas(): Map<string, Area> {
    return new Map([...this.#shares].map(([name, owners]) => [name, areaOf(owners.values())!]));
  }
}
