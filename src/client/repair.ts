import type { Compositor, Tile } from './entries.ts';
import { formatDigest, tileHash } from './tile-hash.ts';
import { queryOf, type Rect, type View } from './view.ts';
import type { WireCopy } from './wire-copy.ts';

/** Squares that are read one by one; where more differ, a snapshot is quicker. */
const MOST = 16;
/** A square has 2^5 x 2^5 cells. */
const LEVEL = 5;

/** Reads JSON at a path of the daemon. Throws when there is none. */
export type ReadJson = (path: string) => Promise<unknown>;

interface Digests {
  readonly digest: string;
  readonly digests: Readonly<Record<string, string>>;
}

interface Part {
  readonly compositors: Record<string, Compositor>;
  readonly tiles: Record<string, Tile>;
}

/**
 * Makes an exact copy, whose digest should be `digest`, right again: reads the squares that differ, as they were at the cursor of the copy.
 * So what the stream says next can be applied as if nothing had been wrong. Returns the names of the squares, `"sx,sy"`; undefined when that
 * does not make it right: then the copy is of no use. Throws what `read` throws.
 */
export async function repair(
  copy: WireCopy,
  view: View,
  digest: string,
  read: ReadJson,
): Promise<string[] | undefined> {
  const at = copy.id!.replace(/@.*$/, '');
  const query = (of: View) => `?${queryOf(of)}&at=${at}`.replace('?&', '?');
  const right = (await read(`manifest/digests${query(view)}`)) as Digests;
  const own = digestsOf(copy.tiles);
  const names = new Set([...own.keys(), ...Object.keys(right.digests)]);
  const differ = [...names].filter((name) => own.get(name) !== right.digests[name]);
  // A server that contradicts itself cannot be of help.
  if (right.digest !== digest || differ.length > MOST) return undefined;
  for (const name of differ) {
    const rect = within(rectOf(name), view.rect);
    const { compositors, tiles } = (await read(`manifest${query({ ...view, rect })}`)) as Part;
    const missing = [...copy.tiles.keys()].filter(
      (key) => squareOf(key) === name && !Object.hasOwn(tiles, key),
    );
    // Each reply has all compositors of the view.
    const others = [...copy.compositors.keys()].filter((id) => !Object.hasOwn(compositors, id));
    copy.put({ compositors: { ...nulls(others), ...compositors }, tiles: { ...nulls(missing), ...tiles } });
  }
  return copy.digest === digest ? differ : undefined;
}

/** The digest of each square that has tiles, by its name. */
export function digestsOf(tiles: ReadonlyMap<string, Tile>): Map<string, string> {
  const sums = new Map<string, [tiles: number, sum: number]>();
  for (const [key, tile] of tiles) {
    const name = squareOf(key);
    const [count, sum] = sums.get(name) ?? [0, 0];
    sums.set(name, [count + 1, (sum + tileHash(key, tile)) | 0]);
  }
  return new Map([...sums].map(([name, [count, sum]]) => [name, formatDigest(count, sum)]));
}

function squareOf(key: string): string {
  const [x, y] = key.split(',') as [string, string];
  return `${Number(x) >> LEVEL},${Number(y) >> LEVEL}`;
}

function rectOf(name: string): Rect {
  const [x1, y1] = name.split(',').map((each) => Number(each) << LEVEL) as [number, number];
  const last = (1 << LEVEL) - 1;
  return { x1, y1, x2: x1 + last, y2: y1 + last };
}

/** The part of a square that a view shows. */
function within(square: Rect, view: Rect = square): Rect {
  return {
    x1: Math.max(square.x1, view.x1),
    y1: Math.max(square.y1, view.y1),
    x2: Math.min(square.x2, view.x2),
    y2: Math.min(square.y2, view.y2),
  };
}

function nulls(names: readonly string[]): Record<string, null> {
  return Object.fromEntries(names.map((name) => [name, null]));
}
