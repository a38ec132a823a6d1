import type { Compositor } from '../../src/client/client.ts';

/** The states in the order of their chips. */
const STATES = ['disconnected', 'stale', 'connected', 'registered', 'stopped'];

export interface ListFacts {
  readonly tilesOf: (id: string) => number;
  /** Its last checks failed, though it still counts as connected. */
  readonly isFailing: (id: string) => boolean;
}

/** Ids in the order of the list: problems first, in the order of the chips, then by tiles. `state`: only these; undefined: all. */
export function orderOf(
  compositors: Iterable<Compositor>,
  { tilesOf, isFailing }: ListFacts,
  state?: string,
): string[] {
  const rows: { readonly id: string; readonly rank: number; readonly tiles: number }[] = [];
  for (const entry of compositors) {
    if (state !== undefined && entry.status !== state) continue;
    const rank = rankOf(entry, isFailing);
    rows.push({ id: entry.id, rank, tiles: tilesOf(entry.id) });
  }
  rows.sort((a, b) => a.rank - b.rank || b.tiles - a.tiles || (a.id < b.id ? -1 : 1));
  return rows.map(({ id }) => id);
}

/** Whether somebody should look after a compositor with this status. */
export function isProblem(status: string): boolean {
  return status === 'disconnected' || status === 'stale';
}

/** How many there are of those states. */
export function problemsIn(counts: readonly (readonly [state: string, count: number])[]): number {
  return counts.reduce((sum, [state, count]) => (isProblem(state) ? sum + count : sum), 0);
}

function rankOf({ id, status }: Compositor, isFailing: ListFacts['isFailing']): number {
  if (isProblem(status)) return STATES.indexOf(status);
  return status === 'connected' && isFailing(id) ? 2 : 3;
}

/** How many there are of each state; those of which there are none are left out. */
export function countsOf(
  compositors: Iterable<Compositor>,
): readonly (readonly [state: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { status } of compositors) counts.set(status, (counts.get(status) ?? 0) + 1);
  const place = (state: string) => (STATES.indexOf(state) + STATES.length + 1) % (STATES.length + 1);
  return [...counts].sort(([a], [b]) => place(a) - place(b));
}

/** The names that more than one has. */
export function sharedNames(compositors: Iterable<Compositor>): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const { name } of compositors) {
    if (seen.has(name)) shared.add(name);
    seen.add(name);
  }
  return shared;
}
