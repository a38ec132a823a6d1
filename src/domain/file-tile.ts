/** A tile as the shared file has it. */
export interface FileTile {
  readonly brick: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** What somebody left in the file. */
export interface FileVersion {
  /** By key, in the order in which its writer wrote them. */
  readonly tiles: ReadonlyMap<string, FileTile>;
  /** How many of its entries are no tiles, and what is wrong with the first. */
  readonly skipped: number;
  readonly firstSkipped: string | undefined;
}

/** Seconds between two timestamps that count as one: Rust's serde_json may read the last bit of a number wrong, and write it so. */
const PRECISION = 1e-6;

export function isLater(timestamp: number, than: number): boolean {
  return timestamp > than + PRECISION;
}

export function sameFileTile(a: FileTile | undefined, b: FileTile | undefined): boolean {
  if (!a || !b) return !a && !b;
  return a.brick === b.brick && Math.abs(a.timestamp - b.timestamp) <= PRECISION;
}
