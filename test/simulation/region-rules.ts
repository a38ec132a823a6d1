import type { Commit } from '../../src/domain/commit.ts';
import type { Manifest } from '../../src/domain/patch.ts';
import { rectOfRegion, type Region } from '../../src/domain/region.ts';
import { cellOf } from '../../src/domain/tile.ts';
import { rectHas, rectsTouch } from '../../src/domain/view.ts';
import type { Report } from './report.ts';

/** The purposes of regions that are reserved with a key begin with this: each stands for one region of its compositor. */
export const KEYED = 'key ';

/** What holds of regions after every commit, found by plain means. */
export function checkRegions(report: Report, commit: Commit, before: Manifest, after: Manifest): void {
  if (after.regions.size === 0 && before.regions.size === 0) return;
  for (const [key, tile] of commit.patch.tiles)
    if (tile && guards(before, tile.compositor, key))
      report.violation('REGION-ENTERED', `${tile.compositor} sets ${key}`);
  const regions = [...after.regions.values()];
  for (const [i, region] of regions.entries()) {
    if (!after.compositors.has(region.compositor)) report.violation('REGION-ORPHAN', named(region));
    for (const other of regions.slice(0, i)) checkPair(report, region, other);
  }
}

function checkPair(report: Report, a: Region, b: Region): void {
  if (a.compositor === b.compositor) {
    if (a.purpose === b.purpose && a.purpose.startsWith(KEYED)) report.violation('REGION-TWICE', named(a));
  } else if ((a.exclusive || b.exclusive) && rectsTouch(rectOfRegion(a), rectOfRegion(b))) {
    report.violation('REGION-CLASH', `${named(a)} and ${named(b)}`);
  }
}

/** Whether an exclusive region of another than `owner` has the cell. */
function guards({ regions }: Manifest, owner: string, key: string): boolean {
  return [...regions.values()].some(
    (region) => region.exclusive && region.compositor !== owner && rectHas(rectOfRegion(region), cellOf(key)),
  );
}

function named({ compositor, purpose, rect }: Region): string {
  return `${purpose} of ${compositor} at ${rect}`;
}
