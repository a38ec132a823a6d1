import { parseRect, rectsTouch, type Rect, type View } from './view.ts';

/** A rectangle of the plane that a compositor claims, as it stands in the manifest. */
export interface Region {
  /** `x1,y1,x2,y2` with x1 <= x2 and y1 <= y2; the corners are included. */
  readonly rect: string;
  /** The id of the compositor that holds it. */
  readonly compositor: string;
  /** What it is for, in the words of whoever claimed it; may be empty. */
  readonly purpose: string;
  /** Others may not write tiles in it, and have no region that touches it. */
  readonly exclusive: boolean;
  /** Seconds a renewal lasts. */
  readonly ttl: number;
  /** Names its lease. */
  readonly generation: string;
}

/** The capital at its beginning tells an id from those of compositors, which have none, and from keys of tiles. */
const ID = /^R[A-Za-z0-9_-]{1,63}$/;
export const REGION_ID_PATTERN = ID.source;

export function isRegionId(text: string): boolean {
  return ID.test(text);
}

/** The region with its fields in one order, so that two equal ones are equal as JSON. */
export function makeRegion({ rect, compositor, purpose, exclusive, ttl, generation }: Region): Region {
  return { rect, compositor, purpose, exclusive, ttl, generation };
}

export function sameRegion(a: Region | null | undefined, b: Region | null | undefined): boolean {
  if (!a || !b) return !a && !b;
  return a === b || JSON.stringify(makeRegion(a)) === JSON.stringify(makeRegion(b));
}

/** The cells of a region. */
export function rectOfRegion({ rect }: Region): Rect {
  return parseRect(rect)!;
}

/** A region is visible when it touches the view. */
export function viewHasRegion({ rect, compositors }: View, region: Region): boolean {
  if (compositors !== undefined && !compositors.has(region.compositor)) return false;
  return rect === undefined || rectsTouch(rect, rectOfRegion(region));
}
