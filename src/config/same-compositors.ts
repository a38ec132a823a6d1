import type { Problem } from './raw-config.ts';
import { quote } from './read-yaml.ts';

/** What decides whether two entries of a configuration are one compositor. */
export interface NamedEntry {
  readonly where: string;
  readonly id: string;
  /** Its id was written, and not made of its name. */
  readonly isIdGiven: boolean;
  readonly name: string;
  /** Protocol, address and port as one text; undefined without an endpoint. */
  readonly endpoint: string | undefined;
}

/**
 * Groups the entries that are one compositor: entries of different sources with the same id, the same name or the same
 * endpoint, and those that are the same as one of them. An id that two entries give decides alone. The most specific source
 * comes first, in `sources` and in each group. A contradiction is a problem that names both places.
 */
export function sameCompositors<T extends NamedEntry>(
  sources: readonly (readonly T[])[],
  problems: Problem[],
): T[][] {
  const groups = new Map<T, T[]>();
  for (const one of sources.flat()) groups.set(one, [one]);
  const reported = new Set<T>();
  for (const [place, source] of sources.entries())
    for (const lessSpecific of sources.slice(place + 1)) {
      const index = indexOf(lessSpecific);
      for (const one of source)
        for (const other of index(one))
          if (one.isIdGiven && other.isIdGiven && one.id !== other.id) {
            problems.push(twoIds(one, other));
            reported.add(one).add(other);
          } else join(groups, one, other);
    }
  const rank = new Map(sources.flat().map((one, i) => [one, i]));
  const sourceOf = new Map(sources.flatMap((source, i) => source.map((one) => [one, i] as const)));
  const distinct = [...new Set(groups.values())];
  for (const group of distinct) {
    group.sort((a, b) => rank.get(a)! - rank.get(b)!);
    // What follows from a contradiction that was reported is no other one.
    const problem = group.some((one) => reported.has(one)) ? undefined : twoInOne(group, sourceOf);
    if (problem) problems.push(problem);
  }
  return distinct;
}

/** Finds the entries of one source that are the same compositor as an entry of another. */
function indexOf<T extends NamedEntry>(entries: readonly T[]): (one: NamedEntry) => Iterable<T> {
  const ids = new Map(entries.map((each) => [each.id, each]));
  const names = listsBy(entries, ({ name }) => name);
  const endpoints = listsBy(entries, ({ endpoint }) => endpoint);
  return (one) => {
    const sameId = ids.get(one.id);
    if (sameId?.isIdGiven && one.isIdGiven) return [sameId];
    return new Set([
      ...(sameId ? [sameId] : []),
      ...(names.get(one.name) ?? []),
      ...(endpoints.get(one.endpoint ?? '') ?? []),
    ]);
  };
}

/** The items by their key; those without one are left out. */
export function listsBy<T>(items: Iterable<T>, keyOf: (item: T) => string | undefined): Map<string, T[]> {
  const lists = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    const list = lists.get(key);
    if (list) list.push(item);
    else lists.set(key, [item]);
  }
  return lists;
}

function join<T>(groups: Map<T, T[]>, one: T, other: T): void {
  const [into, from] = [groups.get(one)!, groups.get(other)!];
  if (into === from) return;
  into.push(...from);
  for (const each of from) groups.set(each, into);
}

function twoIds(one: NamedEntry, other: NamedEntry): Problem {
  const by = one.name === other.name ? `the name ${quote(one.name)}` : 'the protocol, address and port';
  return {
    where: one.where,
    message: `has ${by} of the compositor at ${other.where}, but the id ${one.id}, not ${other.id}: give both one id, or make them differ`,
  };
}

/** What is wrong with a group in which a third entry is the same as two that cannot be one compositor. */
function twoInOne<T extends NamedEntry>(
  group: readonly T[],
  sourceOf: ReadonlyMap<T, number>,
): Problem | undefined {
  for (const [i, one] of group.entries())
    for (const other of group.slice(i + 1)) {
      const differ = one.isIdGiven && other.isIdGiven && one.id !== other.id;
      if (!differ && sourceOf.get(one) !== sourceOf.get(other)) continue;
      const both = group.find((each) => each !== one && each !== other)!;
      const message = `by its id, name or address it is the compositor at ${one.where} and the one at ${other.where}: give it the id of one of them`;
      return { where: both.where, message };
    }
  return undefined;
}
