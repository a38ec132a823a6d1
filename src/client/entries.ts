/** The content of one cell. */
export interface Tile {
  /** The name of an image. */
  readonly brick: string;
  /** Unix seconds. */
  readonly timestamp: number;
  /** The id of the compositor that owns it. */
  readonly compositor: string;
}

/** A compositor as `GET /compositors/{id}` shows it, without its lease. */
export interface Compositor {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly [field: string]: unknown;
}

/** A rectangle that a compositor holds. */
export interface Region {
  /** `x1,y1,x2,y2`, with x1 <= x2 and y1 <= y2; the corners are included. */
  readonly rect: string;
  /** The id of the compositor that holds it. */
  readonly compositor: string;
  readonly purpose: string;
  /** Nobody else may write tiles in it. */
  readonly exclusive: boolean;
  readonly [field: string]: unknown;
}

/** The tiles of 2^zoom x 2^zoom cells, summed up. */
export interface Area {
  readonly tiles: number;
  /** Up to four, those with most tiles first, and how many each has. */
  readonly owners: readonly (readonly [compositor: string, tiles: number])[];
  /** The newest, Unix seconds. */
  readonly timestamp: number;
}

/** The entries of a manifest, or of a part of it: tiles, or the areas of an overview. */
export interface Entries {
  readonly compositors: ReadonlyMap<string, Compositor>;
  readonly regions: ReadonlyMap<string, Region>;
  readonly tiles: ReadonlyMap<string, Tile>;
  readonly areas?: ReadonlyMap<string, Area> | undefined;
}

/** A change: a value replaces the entry, `null` removes it. */
export interface Patch {
  readonly compositors: ReadonlyMap<string, Compositor | null>;
  /** Absent where a tab with an older client leads. */
  readonly regions?: ReadonlyMap<string, Region | null> | undefined;
  readonly tiles: ReadonlyMap<string, Tile | null>;
  readonly areas?: ReadonlyMap<string, Area | null> | undefined;
}

/** Compares two JSON values; the order of fields does not matter. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isEqual(left[key], right[key]))
  );
}
