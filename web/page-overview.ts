import type { PlaneOverview } from './map/plane-overview.ts';
import type { Model } from './model.ts';
import { byId, elementOf } from './page/dom.ts';
import { EmptyPlane } from './panels/empty-plane.ts';
import { NothingHere } from './panels/nothing-here.ts';
import type { StoreWatch } from './panels/store-watch.ts';
import { Minimap } from './plane/minimap.ts';
import type { Navigation } from './plane/navigation.ts';
import type { Plane } from './plane/plane.ts';

export interface OverviewParts extends Pick<Model, 'palette' | 'scene' | 'live'> {
  /** Where the daemon is, with its base path. */
  readonly url: string;
  readonly plane: Plane;
  readonly overview: PlaneOverview;
  readonly navigation: Navigation;
  readonly store: StoreWatch;
  /** Whether the page knows all tiles of the plane, or all areas. */
  readonly knowsAll: () => boolean;
  /** The cursor of the moment of the past that is shown. */
  readonly at: () => string | undefined;
  readonly announce: (text: string) => void;
}

/** Builds what shows where the tiles of the plane are: the small map, and what is said where there are none. */
export function buildOverview(parts: OverviewParts): { minimap: Minimap; nothingHere: NothingHere } {
  const { palette, scene, live, plane, overview, navigation, store, knowsAll } = parts;
  const minimap = new Minimap({
    root: byId('minimap'),
    canvas: elementOf('minimap-canvas', HTMLCanvasElement),
    frame: byId('minimap-frame'),
    fold: byId('minimap-fold'),
    plane,
    palette,
    overview,
    onMove: () => navigation.stop(),
  });
  const nothingHere = new NothingHere({
    root: byId('nothing-here'),
    text: byId('nothing-here-text'),
    show: byId('show-nearest'),
    emptyPlane: new EmptyPlane({ root: byId('empty'), url: parts.url, announce: parts.announce }),
    screen: () => plane.screen,
    hasTiles: (screen) => scene.hasTiles(screen),
    // Of the past it would say what to do now.
    isComplete: (screen) => parts.at() === undefined && live.shows(screen),
    total: () => (knowsAll() ? scene.size + scene.areas.tiles : store.tiles),
    onShow: () => void navigation.showNearest(),
  });
  return { minimap, nothingHere };
}
