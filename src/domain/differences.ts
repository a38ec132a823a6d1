/** How many of something were added, are other ones, or are no longer there. */
export interface Differences {
  added: number;
  changed: number;
  removed: number;
}

export type Kind = keyof Differences;

export function noDifferences(): Differences {
  return { added: 0, changed: 0, removed: 0 };
}

/** What became of something between two moments; undefined: nothing. */
export function kindOf<T>(
  before: T | null,
  after: T | null,
  same: (a: T, b: T) => boolean,
): Kind | undefined {
  if (before === null) return after === null ? undefined : 'added';
  if (after === null) return 'removed';
  return same(before, after) ? undefined : 'changed';
}

/** An entry before the first and after the last of some commits; null: there was none. */
export interface Ends<T> {
  readonly before: T | null;
  after: T | null;
}

/** Notes what one commit did to an entry, behind what those before it did. */
export function note<T>(
  ends: Map<string, Ends<T>>,
  key: string,
  before: T | null | undefined,
  after: T | null,
): void {
  const known = ends.get(key);
  if (known) known.after = after;
  else ends.set(key, { before: before ?? null, after });
}
