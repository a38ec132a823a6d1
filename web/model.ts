import { cellsOn, type Camera } from './camera.ts';
import { parseDeepLink } from './deep-link.ts';
import { Live } from './live.ts';
import { Palette } from './palette.ts';
import { Scene } from './scene.ts';
import { Shown } from './shown.ts';
import { DARK } from './theme.ts';

/** What the page knows. Nothing in here draws: it is loaded and at work before Pixi is. */
export interface Model {
  readonly palette: Palette;
  readonly scene: Scene;
  readonly shown: Shown;
  readonly live: Live;
  /** Where the address leads, if it leads anywhere. */
  readonly link: Camera | undefined;
  /** Where one looks at first. */
  readonly camera: Camera;
}

export function openModel(): Model {
  const { base = '' } = document.documentElement.dataset;
  const palette = new Palette({ theme: DARK });
  const scene = new Scene({ palette });
  const shown = new Shown({ scene, palette, clock: () => performance.now() / 1000 });
  const link = parseDeepLink(location.hash);
  const camera = link ?? { x: 0, y: 0, zoom: 32 };
  const live = new Live({
    url: `${location.origin}${base}/`,
    // The map fills the window; to ask the page itself would wait for its style sheet.
    screen: link && cellsOn(camera, innerWidth, innerHeight),
    shown,
  });
  return { palette, scene, shown, live, link, camera };
}
