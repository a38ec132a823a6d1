import { isEqual } from './entries.ts';

/** One entry that changed; `null`: it does not exist. */
export interface Change<T> {
  readonly key: string;
  readonly now: T | null;
  readonly before: T | null;
}

/** Applies `changes` to `map`; returns the entries that really changed. */
export function applyTo<T>(map: Map<string, T>, changes: ReadonlyMap<string, T | null>): Change<T>[] {
  const changed: Change<T>[] = [];
  for (const [key, now] of changes) {
    const before = map.get(key) ?? null;
    if (isEqual(now, before)) continue;
    if (now === null) map.delete(key);
    else map.set(key, now);
    changed.push({ key, now, before });
  }
  return changed;
}

/** The changes from `before` to `after`; removals come first, so that no listener sees something twice. */
export function differences<T>(
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
): Map<string, T | null> {
  const changes = new Map<string, T | null>();
  for (const key of before.keys()) if (!after.has(key)) changes.set(key, null);
  for (const [key, entry] of after) changes.set(key, entry);
  return changes;
}
