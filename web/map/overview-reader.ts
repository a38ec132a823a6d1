import type { Area, Compositor } from '../../src/client/client.ts';
import { cellsOf } from './aim.ts';
import { boundsOf, overlapOf, PLANE, textOf, type Rectangle } from './rectangle.ts';

/** The zoom of the first overview: its areas are the largest. */
const FIRST_ZOOM = 16;

/** The part of the API that it uses. */
export interface OverviewApi {
  overview(query: Record<string, string>): Promise<{
    readonly areas: Readonly<Record<string, Area>>;
    readonly compositors: Readonly<Record<string, Compositor>>;
  }>;
}

/** Areas of one zoom, and the rectangle around them. */
export interface WholeOverview {
  readonly zoom: number;
  readonly areas: Readonly<Record<string, Area>>;
  readonly bounds: Rectangle;
  /** All that `query` shows, by id. */
  readonly compositors: Readonly<Record<string, Compositor>>;
}

/**
 * Reads an overview of everything that `query` shows, with at most `across` areas side by side: by overviews of ever smaller areas, so
 * that a large map is not read for it. Its bounds are a little wide. Undefined: there are no tiles, or none `within`.
 */
export async function readOverview(
  api: OverviewApi,
  query: Record<string, string>,
  across: number,
  within: Rectangle = PLANE,
): Promise<WholeOverview | undefined> {
  let found: WholeOverview | undefined;
  let view = within;
  for (let zoom: number | undefined = FIRST_ZOOM; zoom !== undefined;) {
    const part = view === PLANE ? {} : { view: textOf(view) };
    const { areas, compositors } = await api.overview({ ...query, ...part, zoom: String(zoom) });
    const around = boundsOf(Object.keys(areas));
    // Areas reach beyond the view.
    const bounds = around && overlapOf(cellsOf(around, zoom), within);
    if (!bounds) return undefined;
    found = { zoom, areas, bounds, compositors };
    view = bounds;
    zoom = smallerZoom(zoom, bounds, across);
  }
  return found;
}

/** The next zoom; undefined when the areas are as small as need be. */
function smallerZoom(zoom: number, bounds: Rectangle, across: number): number | undefined {
  const next = Math.max(1, zoomFor(bounds, across));
  return next < zoom ? next : undefined;
}

/** The zoom at which at most `across` areas lie side by side in `bounds`, about. */
export function zoomFor({ x1, y1, x2, y2 }: Rectangle, across: number): number {
  return Math.max(0, Math.ceil(Math.log2((Math.max(x2 - x1, y2 - y1) + 1) / across)));
}
