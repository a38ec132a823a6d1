import { cellsOn, type Camera } from './map/camera.ts';
import { parseDeepLink, type Link } from './page/deep-link.ts';
import { LiveMap } from './map/live-map.ts';
import { Palette } from './colours/palette.ts';
import { Scene } from './map/scene.ts';
import { ServerClock } from './map/server-clock.ts';
import { DisplayState } from './map/display-state.ts';
import { DARK } from './colours/theme.ts';

/** The state of the page, without any drawing: it loads and works before Pixi does. */
export interface Model {
  readonly palette: Palette;
  readonly scene: Scene;
  readonly display: DisplayState;
  readonly live: LiveMap;
  /** The daemon's time: the one that ages and delays are measured by. */
  readonly clock: ServerClock;
  /** What the page's address names, if anything. */
  readonly link: Link | undefined;
  /** The first camera. */
  readonly camera: Camera;
}

export function openModel(): Model {
  const { base = '' } = document.documentElement.dataset;
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  const display = new DisplayState({ scene, palette, clock: () => performance.now() / 1000 });
  const clock = new ServerClock();
  const link = parseDeepLink(location.hash);
  const place = link?.camera;
  const camera = place ?? { x: 0, y: 0, zoom: 32 };
  // The map fills the window. Measuring the element would wait for the style sheet.
  const size = { width: innerWidth, height: innerHeight };
  const live = new LiveMap({
    url: `${location.origin}${base}/`,
    sight: place && { screen: cellsOn(place, size.width, size.height), pixels: place.zoom },
    size,
    display,
    clock,
  });
  // What is shown first is of the moment in the address.
  if (link?.moment) live.pause();
  return { palette, scene, display, live, clock, link, camera };
}
