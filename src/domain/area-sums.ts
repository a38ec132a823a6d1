import { AreaShares } from './area-shares.ts';

/** What one cell had and has; an owner is a number, or {@link NOBODY}. */
export interface CellChange {
  readonly x: number;
  readonly y: number;
  readonly before: number;
  readonly beforeAt: number;
  readonly after: number;
  readonly afterAt: number;
}

export const NOBODY = -1;

/** What several changes add up to. Nobody may change one that was given away. */
export interface AreaSums {
  readonly added: AreaShares;
  readonly removed: AreaShares;
  /** How many tiles there are more. */
  readonly growth: number;
}

export function sumsOf(changes: readonly CellChange[]): AreaSums {
  const [added, removed] = [new AreaShares(), new AreaShares()];
  let growth = 0;
  for (const { before, beforeAt, after, afterAt } of changes) {
    if (after !== NOBODY) added.add(after, 1, afterAt);
    if (before !== NOBODY) removed.add(before, 1, beforeAt);
    growth += (after === NOBODY ? 0 : 1) - (before === NOBODY ? 0 : 1);
  }
  return { added, removed, growth };
}

export function addedUp(a: AreaSums, b: AreaSums): AreaSums {
  const [added, removed] = [new AreaShares(), new AreaShares()];
  for (const each of [a, b]) {
    added.addAll(each.added);
    removed.addAll(each.removed);
  }
  return { added, removed, growth: a.growth + b.growth };
}
