import { kindOf, noDifferences, type Differences, type Ends, type Kind } from './differences.ts';
import { STEP } from './steps.ts';

/** What became of a compositor or a region between two moments. */
export interface EntryChange<T> {
  readonly id: string;
  readonly kind: Kind;
  /** As it is after, or was before it was removed. */
  readonly entry: T;
  /** Of one that changed: the names of the fields that differ. */
  readonly fields: readonly string[];
}

/** How many entries differ, and the first of them: those that were added, changed, removed, each in the order of their ids. */
export interface EntryChanges<T> {
  readonly total: Differences;
  readonly items: readonly EntryChange<T>[];
}

interface Found<T> {
  readonly id: string;
  readonly kind: Kind;
  readonly before: T | null;
  readonly after: T | null;
}

const ORDER: readonly Kind[] = ['added', 'changed', 'removed'];

/** Says what became of the entries that `has` lets through, and names at most `most` of them. */
export function* entryChanges<T extends object>(
  ends: ReadonlyMap<string, Ends<T>>,
  options: {
    readonly has: (id: string, entry: T) => boolean;
    readonly same: (a: T, b: T) => boolean;
    readonly most: number;
  },
): Generator<void, EntryChanges<T>, undefined> {
  const { has, same, most } = options;
  const total = noDifferences();
  const found: Found<T>[] = [];
  let looked = 0;
  for (const [id, each] of ends) {
    if (++looked % STEP === 0) yield;
    const before = each.before && has(id, each.before) ? each.before : null;
    const after = each.after && has(id, each.after) ? each.after : null;
    const kind = kindOf(before, after, same);
    if (!kind) continue;
    total[kind] += 1;
    found.push({ id, kind, before, after });
  }
  found.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (a.id < b.id ? -1 : 1));
  const items = found.slice(0, most).map(({ id, kind, before, after }) => ({
    ...{ id, kind, entry: (after ?? before)! },
    fields: before && after ? fieldsThatDiffer(before, after) : [],
  }));
  return { total, items };
}

function fieldsThatDiffer(before: object, after: object): string[] {
  const [a, b] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter(
    (name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
}
