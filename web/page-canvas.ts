import type { Camera } from './map/camera.ts';
import type { Scene } from './map/scene.ts';
import { byId } from './page/dom.ts';
import { GridLayer } from './plane/grid-layer.ts';
import { Pictures } from './plane/pictures.ts';
import { Plane, type Insets } from './plane/plane.ts';
import { PulseLayer } from './plane/pulse-layer.ts';
import { TileLayer } from './plane/tile-layer.ts';

/** The section of the page for what WebGL draws. Rejects where there is no WebGL 2. */
export async function openCanvas({
  scene,
  camera,
  template,
}: {
  readonly scene: Scene;
  readonly camera: Camera;
  /** The addresses of pictures; empty: there are none. */
  readonly template: string;
}) {
  const plane = await Plane.open(byId('plane'), coveredInsets);
  plane.jumpTo(camera);
  await yieldToBrowser();
  const pulses = new PulseLayer();
  scene.onChange = (spot) => pulses.add(spot);
  const tiles = new TileLayer({ scene });
  const grid = new GridLayer();
  const pictures = template === '' ? undefined : new Pictures({ template, scene });
  plane.below.addChild(grid.quads.mesh);
  plane.viewport.addChild(tiles.quads.mesh);
  if (pictures) plane.viewport.addChild(pictures.container);
  plane.viewport.addChild(pulses.quads.mesh);
  await yieldToBrowser();
  return { plane, tiles, grid, pulses, pictures };
}

/** The margins of the screen that the panel and the bars cover. */
function coveredInsets(): Insets {
  const panel = byId('panel').getBoundingClientRect();
  const beside = panel.width < innerWidth / 2 && panel.height > 100;
  const edge = innerWidth < 720 ? 20 : 40;
  const details = byId('details').getBoundingClientRect();
  const isSheet = details.width > innerWidth / 2;
  // On a phone it is at the bottom.
  const status = byId('status').getBoundingClientRect();
  const foot = status.top > innerHeight / 2 ? innerHeight - status.top + 16 : 104;
  return {
    left: beside ? panel.right + 40 : edge,
    top: Math.max(84, beside ? 0 : panel.bottom + 32),
    right: details.width > 0 && !isSheet ? innerWidth - details.left + 40 : 2 * edge,
    bottom: isSheet ? details.height + 24 : foot,
  };
}

/** Lets waiting tasks run: loading the tiles takes many small steps, which long work here would delay. */
function yieldToBrowser(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
