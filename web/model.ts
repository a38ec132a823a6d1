import { cellsOn, type Camera } from './camera.ts';
import { parseDeepLink } from './deep-link.ts';
import { LiveMap } from './live-map.ts';
import { Palette } from './palette.ts';
import { Scene } from './scene.ts';
import { DisplayState } from './display-state.ts';
import { DARK } from './theme.ts';

/** The state of the page, without any drawing: it loads and works before Pixi does. */
export interface Model {
  readonly palette: Palette;
  readonly scene: Scene;
  readonly display: DisplayState;
  readonly live: LiveMap;
  /** The camera in the page's address, if there is one. */
  readonly link: Camera | undefined;
  /** The first camera. */
  readonly camera: Camera;
}

export function openModel(): Model {
  const { base = '' } = document.documentElement.dataset;
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  const display = new DisplayState({ scene, palette, clock: () => performance.now() / 1000 });
  const link = parseDeepLink(location.hash);
  const camera = link ?? { x: 0, y: 0, zoom: 32 };
  const live = new LiveMap({
    url: `${location.origin}${base}/`,
    // The map fills the window. Measuring the element would wait for the style sheet.
    screen: link && cellsOn(camera, innerWidth, innerHeight),
    display,
  });
  return { palette, scene, display, live, link, camera };
}
