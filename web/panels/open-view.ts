import { parseRectangle, type Rectangle } from '../map/rectangle.ts';
import { AreaView } from './area-view.ts';
import { CompositorView } from './compositor-view.ts';
import type { DetailsContext } from './context.ts';
import type { DetailView, Heading } from './details.ts';
import { RegionView } from './region-view.ts';
import type { Selected } from './selection.ts';
import { TileView } from './tile-view.ts';

/** What is shown of what was opened. */
export function openView(context: DetailsContext, selected: Selected, heading: Heading): DetailView {
  switch (selected.kind) {
    case 'tile':
      return new TileView(context, heading, selected);
    case 'area':
      return new AreaView(context, heading, selected.rect);
    case 'compositor':
      return new CompositorView(context, heading, selected.id);
    case 'region':
      return new RegionView(context, heading, selected.id);
  }
}

/** The cells to frame on the map; undefined: none. */
export function frameOf(
  selected: Selected | undefined,
  { display }: Pick<DetailsContext, 'display'>,
): Rectangle | undefined {
  if (selected?.kind === 'tile') return { x1: selected.x, y1: selected.y, x2: selected.x, y2: selected.y };
  if (selected?.kind === 'area') return selected.rect;
  if (selected?.kind !== 'region') return undefined;
  const region = display.regions.get(selected.id);
  return region && parseRectangle(region.rect);
}
