import { areaNameOf, MAX_ZOOM } from './area.ts';
import type { Commit } from './commit.ts';
import { sameCompositor, type Compositor } from './compositor.ts';
import { kindOf, noDifferences, note, type Differences, type Ends } from './differences.ts';
import { entryChanges, type EntryChanges } from './entry-changes.ts';
import { partsOf, patchSize } from './patch.ts';
import { sameRegion, viewHasRegion, type Region } from './region.ts';
import { STEP } from './steps.ts';
import { cellOf, sameTile, type Tile } from './tile.ts';
import { rectHas, viewHasCompositor, viewHasTile, type View } from './view.ts';

/** What differs between two moments. */
export interface Comparison {
  readonly total: Differences;
  /** By owner: of what was removed the one before, else the one after. */
  readonly compositors: ReadonlyMap<string, Differences>;
  /** Of the areas: at least as large as wanted. 0: cells. */
  readonly zoom: number;
  readonly areas: ReadonlyMap<string, Differences>;
  /** Compositors that were registered, changed or left, wherever their tiles are. */
  readonly fleet: EntryChanges<Compositor>;
  readonly regions: EntryChanges<Region>;
}

export interface ComparisonOptions {
  readonly view: View;
  /** Of the areas. */
  readonly zoom: number;
  /** When more areas differ, larger ones are counted. */
  readonly most: number;
  /** At most so many compositors are named, and so many regions. */
  readonly mostEntries: number;
}

interface AllEnds {
  readonly tiles: Map<string, Ends<Tile>>;
  readonly compositors: Map<string, Ends<Compositor>>;
  readonly regions: Map<string, Ends<Region>>;
}

/** Compares what is in view before and after `commits`, in steps between which others may run. */
export function* compare(
  commits: Iterable<Commit>,
  options: ComparisonOptions,
): Generator<void, Comparison, undefined> {
  const { view, mostEntries: most } = options;
  const ends = yield* endsOf(commits, view);
  const tiles = yield* counted(ends.tiles, options);
  const fleet = yield* entryChanges(ends.compositors, {
    has: (id) => viewHasCompositor(view, id),
    same: sameCompositor,
    most,
  });
  const regions = yield* entryChanges(ends.regions, {
    has: (_, region) => viewHasRegion(view, region),
    same: sameRegion,
    most,
  });
  return { ...tiles, fleet, regions };
}

function* endsOf(commits: Iterable<Commit>, { rect }: View): Generator<void, AllEnds, undefined> {
  const ends: AllEnds = { tiles: new Map(), compositors: new Map(), regions: new Map() };
  let entries = 0;
  for (const { patch, undo } of commits)
    for (const part of partsOf(patch, STEP, rect)) {
      for (const [key, after] of part.tiles)
        if (!rect || rectHas(rect, cellOf(key))) note(ends.tiles, key, undo.tiles.get(key), after);
      for (const [id, after] of part.compositors) note(ends.compositors, id, undo.compositors.get(id), after);
      for (const [id, after] of part.regions) note(ends.regions, id, undo.regions.get(id), after);
      entries += 1 + patchSize(part);
      if (entries < STEP) continue;
      entries = 0;
      yield;
    }
  return ends;
}

function* counted(
  ends: ReadonlyMap<string, Ends<Tile>>,
  { view, most, ...options }: ComparisonOptions,
): Generator<void, Pick<Comparison, 'total' | 'compositors' | 'zoom' | 'areas'>, undefined> {
  const total = noDifferences();
  const compositors = new Map<string, Differences>();
  let areas = new Map<string, Differences>();
  let { zoom } = options;
  let looked = 0;
  for (const [key, each] of ends) {
    if (++looked % STEP === 0) yield;
    const before = each.before && viewHasTile(view, key, each.before) ? each.before : null;
    const after = each.after && viewHasTile(view, key, each.after) ? each.after : null;
    const kind = kindOf(before, after, sameTile);
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
  if (!found) all.set(name, (found = noDifferences()));
  return found;
}
