import { Api, ApiError } from './api.ts';
import { DeepLink } from './deep-link.ts';
import { Clusters } from './clusters.ts';
import { byId, elementOf } from './dom.ts';
import { RenderLoop } from './render-loop.ts';
import { GridLayer } from './grid-layer.ts';
import { Navigation } from './navigation.ts';
import { Hover } from './hover.ts';
import { Statistics } from './statistics.ts';
import { bindControls } from './controls.ts';
import { Labels } from './labels.ts';
import { StatusIndicator } from './status-indicator.ts';
import type { Model } from './model.ts';
import { Announcer, Toast } from './toast.ts';
import { Panel } from './panel.ts';
import { MapHistory } from './map-history.ts';
import { Pictures } from './pictures.ts';
import { Plane, type Insets } from './plane.ts';
import { PulseLayer } from './pulse-layer.ts';
import { textOf } from './rectangle.ts';
import { Search } from './search.ts';
import { SignIn } from './sign-in.ts';
import { ThemeSwitch } from './theme-switch.ts';
import { TileLayer } from './tile-layer.ts';
import { Timeline } from './timeline.ts';

declare global {
  interface Window {
    /** The page's state, for tests and for the browser's console. */
    geometryMap?: () => object;
  }
}

const { base = '', pictures: template = '' } = document.documentElement.dataset;

/** The margins of the screen that the panel and the bars cover. */
function coveredInsets(): Insets {
  const panel = byId('panel').getBoundingClientRect();
  const beside = panel.width < innerWidth / 2 && panel.height > 100;
  return { left: beside ? panel.right + 40 : 40, top: 84, right: 84, bottom: 104 };
}

/** Builds the page around the model. */
export async function showPage({ palette, scene, display, live, link, camera }: Model): Promise<void> {
  const announcer = new Announcer({ region: byId('announcer') });
  const toast = new Toast({ element: byId('toast'), announce: (text) => announcer.say(text) });
  const signIn = new SignIn({
    base,
    dialog: elementOf('sign-in', HTMLDialogElement),
    form: elementOf('sign-in-form', HTMLFormElement),
    input: elementOf('sign-in-token', HTMLInputElement),
    error: byId('sign-in-error'),
  });
  const status = new StatusIndicator({
    root: byId('status'),
    text: byId('status-text'),
    numbers: byId('status-numbers'),
    announce: (text) => announcer.say(text),
  });
  const themes = new ThemeSwitch({ button: byId('theme') });
  live.onState = (state) => status.show(state);
  live.onUnauthorized = () => signIn.ask();
  status.show(live.state);

  const plane = await Plane.open(byId('plane'), coveredInsets).catch((error: unknown) => {
    toast.show('This browser cannot draw the map: it has no WebGL 2.', Infinity);
    live.close();
    throw error;
  });
  plane.jumpTo(camera);
  await yieldToBrowser();
  const pulses = new PulseLayer();
  scene.onChange = (cell) => pulses.add(cell);
  const tiles = new TileLayer({ scene });
  const grid = new GridLayer();
  const pictures = template === '' ? undefined : new Pictures({ template, scene });
  plane.below.addChild(grid.quads.mesh);
  plane.viewport.addChild(tiles.quads.mesh);
  if (pictures) plane.viewport.addChild(pictures.container);
  plane.viewport.addChild(pulses.quads.mesh);
  await yieldToBrowser();

  const api = new Api({ base, onUnauthorized: () => signIn.ask() });
  const clusters = new Clusters({ scene });
  const statistics = new Statistics({ api, onChange: () => panel.invalidate() });
  const panel = new Panel({
    list: byId('compositors'),
    total: byId('total'),
    palette,
    statistics,
    compositors: () => display.compositors,
    onPick: (id) => void navigation.goToCompositor(id),
  });
  display.onCompositors = () => panel.invalidate();
  const mapHistory = new MapHistory({
    api,
    display,
    onError: (error) => {
      const trimmed = error instanceof ApiError && error.status === 410;
      toast.show(
        trimmed ? 'That commit is no longer in the history.' : `The history cannot be read: ${String(error)}`,
      );
      timeline.live();
    },
  });
  const navigation = new Navigation({ plane, clusters, statistics, api, toast, followTiles: !link });
  const search = new Search({
    input: elementOf('search', HTMLInputElement),
    list: byId('hits'),
    api,
    palette,
    centre: () => ({ x: clamped(plane.camera.x), y: clamped(plane.camera.y) }),
    compositors: () => display.compositors.values(),
    onGo: ({ goal }) =>
      void ('compositor' in goal ? navigation.goToCompositor(goal.compositor) : navigation.goToCell(goal)),
  });
  const timeline = new Timeline({
    slider: elementOf('slider', HTMLInputElement),
    bars: byId('bars'),
    text: byId('history-time'),
    live: elementOf('live', HTMLButtonElement),
    play: elementOf('play', HTMLButtonElement),
    api,
    revision: () => live.state.revision,
    onTravel: (commit) => {
      status.showHistory(commit?.revision);
      if (commit) {
        live.pause();
        mapHistory.show(commit.cursor, plane.screen);
      } else {
        mapHistory.leave();
        live.resume();
      }
    },
  });

  const labels = new Labels({ host: byId('labels'), clusters });
  const hover = new Hover({ host: byId('plane'), tooltip: byId('tooltip'), plane, scene });
  const address = new DeepLink({ camera: () => plane.camera, onGo: (camera) => navigation.goTo(camera) });
  const renderLoop = new RenderLoop({
    plane,
    grid,
    tiles,
    pulses,
    pictures,
    clusters,
    labels,
    hover,
    status,
    onMove: () => {
      if (!navigation.following) address.schedule();
      live.screenMoved(plane.screen);
      mapHistory.screenMoved(plane.screen);
    },
    onClusters: () => navigation.clustersChanged(),
  });

  themes.onChange = (theme) => {
    palette.theme = theme;
    tiles.theme = theme;
    grid.theme = theme;
    scene.repaint();
    panel.invalidate();
    renderLoop.invalidate();
  };
  themes.onChange(themes.current);
  bindControls({ plane, navigation, search, timeline, themes });
  statistics.start();
  timeline.start();
  renderLoop.start();

  window.geometryMap = () => ({
    tiles: scene.size,
    known: live.known,
    drawn: tiles.quads.count,
    level: tiles.level,
    state: mapHistory.cursor === undefined ? live.state.state : 'history',
    revision: live.state.revision,
    shownRevision: display.revision,
    camera: plane.camera,
    view: textOf(live.view),
    moves: live.moves,
    rendered: renderLoop.rendered,
    fps: status.fps,
    firstTiles: renderLoop.firstTiles,
    pictures: pictures?.loaded ?? 0,
    commits: timeline.commits,
    bricks: () =>
      Object.fromEntries(Array.from(scene.cells(), ({ x, y, tile }) => [`${x},${y}`, tile.brick])),
  });
}

/** Lets waiting tasks run: loading the tiles takes many small steps, which long work here would delay. */
function yieldToBrowser(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

/** A cell's coordinate: the camera may look beyond the plane. */
function clamped(n: number): number {
  return Math.min(Math.max(Math.floor(n), -(2 ** 31)), 2 ** 31 - 1);
}
