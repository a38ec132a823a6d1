import { areaNameOf, MAX_ZOOM } from './area.ts';
import type { Commit } from './commit.ts';
import { partsOf, patchSize } from './patch.ts';
import { STEP } from './steps.ts';
import { cellOf, sameTile, type Tile } from './tile.ts';
import { rectHas, type Rect } from './view.ts';

/** How many cells have a tile that was not there before, another one, or none any more. */
export interface Differences {
  added: number;
  changed: number;
  removed: number;
}

/** What differs between two moments. */
export interface Comparison {
  readonly total: Differences;
  /** By owner: of what was removed the one before, else the one after. */
  readonly compositors: ReadonlyMap<string, Differences>;
  /** Of the areas: at least as large as wanted. 0: cells. */
  readonly zoom: number;
  readonly areas: ReadonlyMap<string, Differences>;
}

interface Change {
  readonly before: Tile | null;
  after: Tile | null;
}

/**
 * Compares the tiles in `rect` before and after `commits`, in steps between which others may run. When more than `most` areas
 * differ, larger ones are counted.
 */
export function* compare(
  commits: Iterable<Commit>,
  { rect, zoom, most }: { rect: Rect | undefined; zoom: number; most: number },
): Generator<void, Comparison, undefined> {
  const changes = new Map<string, Change>();
  let entries = 0;
  for (const { patch, undo } of commits)
    for (const part of partsOf(patch, STEP, rect)) {
      for (const [key, after] of part.tiles) {
        if (rect && !rectHas(rect, cellOf(key))) continue;
        const change = changes.get(key);
        if (change) change.after = after;
        else changes.set(key, { before: undo.tiles.get(key) ?? null, after });
      }
      entries += 1 + patchSize(part);
      if (entries < STEP) continue;
      entries = 0;
      yield;
    }
  return yield* counted(changes, zoom, most);
}

function* counted(
  changes: ReadonlyMap<string, Change>,
  zoom: number,
  most: number,
): Generator<void, Comparison, undefined> {
  const total = none();
  const compositors = new Map<string, Differences>();
  let areas = new Map<string, Differences>();
  let looked = 0;
  for (const [key, { before, after }] of changes) {
    if (++looked % STEP === 0) yield;
    const kind = kindOf(before, after);
    if (!kind) continue;
    total[kind] += 1;
    differencesOf(compositors, (after ?? before)!.compositor)[kind] += 1;
    differencesOf(areas, areaNameOf(key, zoom))[kind] += 1;
    while (areas.size > most && zoom < MAX_ZOOM) {
      zoom += 1;
      areas = joined(areas);
    }
  }
  return { total, compositors, zoom, areas };
}

function kindOf(before: Tile | null, after: Tile | null): keyof Differences | undefined {
  if (!before) return after ? 'added' : undefined;
  if (!after) return 'removed';
  return sameTile(before, after) ? undefined : 'changed';
}

/** The areas that are twice as wide. */
function joined(areas: ReadonlyMap<string, Differences>): Map<string, Differences> {
  const larger = new Map<string, Differences>();
  for (const [name, { added, changed, removed }] of areas) {
    const sums = differencesOf(larger, areaNameOf(name, 1));
    sums.added += added;
    sums.changed += changed;
    sums.removed += removed;
  }
  return larger;
}

function differencesOf(all: Map<string, Differences>, name: string): Differences {
  let found = all.get(name);
  if (!found) all.set(name, (found = none()));
  return found;
}

function none(): Differences {
  return { added: 0, changed: 0, removed: 0 };
}
