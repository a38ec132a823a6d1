/** What fills a cell. */
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

/** A copy, or a part of one. */
export interface Entries {
  readonly compositors: ReadonlyMap<string, Compositor>;
  readonly tiles: ReadonlyMap<string, Tile>;
}

/** What is new; `null` is gone. */
export interface Changes {
  readonly compositors: ReadonlyMap<string, Compositor | null>;
  readonly tiles: ReadonlyMap<string, Tile | null>;
}

/** Whether two values from JSON say the same, whatever the order of their fields. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
  const [left, right] = [a, b] as [Record<string, unknown>, Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
  );
}
