import { textOf } from './map/rectangle.ts';
import type { Model } from './model.ts';
import type { openCanvas } from './page-canvas.ts';
import type { StatusIndicator } from './panels/status-indicator.ts';
import type { Past } from './past/past.ts';
import type { RegionLayer } from './plane/region-layer.ts';
import type { RenderLoop } from './plane/render-loop.ts';
import type { TileCursor } from './plane/tile-cursor.ts';

declare global {
  interface Window {
    /** The page's state, for tests and for the browser's console. */
    geometryMap?: () => object;
  }
}

type Canvas = Awaited<ReturnType<typeof openCanvas>>;

export interface PageParts extends Canvas, Pick<Model, 'scene' | 'live' | 'display'> {
  readonly regions: RegionLayer;
  readonly tileCursor: TileCursor;
  readonly renderLoop: RenderLoop;
  readonly status: StatusIndicator;
  readonly past: Past;
}

/** What `geometryMap()` says in the browser's console. */
export function pageState(parts: PageParts): object {
  const {
    scene,
    live,
    display,
    plane,
    tiles,
    pulses,
    pictures,
    regions,
    tileCursor,
    renderLoop,
    status,
    past,
  } = parts;
  return {
    tiles: scene.size,
    zoom: scene.areas.zoom,
    areas: scene.areas.size,
    tilesOfAreas: scene.areas.tiles,
    regions: regions.size,
    known: live.known,
    drawn: tiles.quads.count,
    level: tiles.level,
    state: past.at() === undefined ? live.state.state : 'history',
    revision: live.state.revision,
    shownRevision: display.revision,
    camera: plane.camera,
    cursor: tileCursor.cell,
    view: textOf(live.view),
    moves: live.moves,
    rendered: renderLoop.rendered,
    pulses: pulses.drawn,
    fps: status.fps,
    firstTiles: renderLoop.firstTiles,
    pictures: pictures?.loaded ?? 0,
    commits: past.timeline.commits,
    moment: past.timeline.moment,
    marks: past.comparison.layer.size,
    bricks: () =>
      Object.fromEntries(Array.from(scene.cells(), ({ x, y, tile }) => [`${x},${y}`, tile.brick])),
  };
}
