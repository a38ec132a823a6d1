import { Api } from './page/api.ts';
import { Address } from './page/address.ts';
import { openCanvas } from './page-canvas.ts';
import { buildDetails } from './page-details.ts';
import { Clusters } from './map/clusters.ts';
import { Covered } from './plane/covered.ts';
import type { Shown } from './page/deep-link.ts';
import { DismissStack } from './page/dismiss.ts';
import { byId, elementOf } from './page/dom.ts';
import { RenderLoop } from './plane/render-loop.ts';
import { Navigation } from './plane/navigation.ts';
import { sleepWhileHidden } from './page/hidden-tab.ts';
import { Hover } from './plane/hover.ts';
import { Statistics } from './panels/statistics.ts';
import { bindControls } from './page/controls.ts';
import { KeysHelp } from './panels/keys-help.ts';
import { Labels } from './plane/labels.ts';
import { RegionLayer } from './plane/region-layer.ts';
import { StatusIndicator } from './panels/status-indicator.ts';
import { StoreWatch } from './panels/store-watch.ts';
import type { Model } from './model.ts';
import { Announcer, Toast } from './panels/toast.ts';
import { buildOverview } from './page-overview.ts';
import { pageState } from './page-state.ts';
import { Panel, panelParts } from './panels/panel.ts';
import { PlaneOverview } from './map/plane-overview.ts';
import { Past } from './past/past.ts';
import { Picker } from './plane/picker.ts';
import { contains, PLANE } from './map/rectangle.ts';
import { Search } from './panels/search.ts';
import { SignIn } from './panels/sign-in.ts';
import { ThemeSwitch } from './panels/theme-switch.ts';
import { TileCursor } from './plane/tile-cursor.ts';

const { base = '', pictures: template = '' } = document.documentElement.dataset;

/** Builds the page around the model. */
export async function showPage({ palette, scene, display, live, clock, link, camera }: Model): Promise<void> {
  const dismiss = new DismissStack();
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
    detail: byId('status-detail'),
    announce: (text) => announcer.say(text),
  });
  const themes = new ThemeSwitch({ button: byId('theme') });
  const api = new Api({ base, onUnauthorized: () => signIn.ask() });
  const store = new StoreWatch({ api });
  store.onChange = (state) => (status.store = state);
  const clusters = new Clusters({ scene });
  const statistics = new Statistics({
    api,
    counts: () => (live.isWhole ? clusters.counts : undefined),
    onChange: () => {
      panel.invalidate();
      // What follows is of the live map.
      if (statistics.isPast) return;
      const { only } = attention;
      live.total = only === undefined ? statistics.total : (statistics.of(only)?.tiles ?? 0);
      if (only !== undefined) display.describeOthers(statistics.entries, only);
    },
  });
  let revision = 0;
  live.onState = (state) => {
    if (state.revision !== revision) statistics.changed();
    revision = state.revision;
    status.show(state);
    store.connectionIs(state.state);
  };
  live.onUnauthorized = () => signIn.ask();
  status.show(live.state);

  const canvas = await openCanvas({ scene, camera, template }).catch((error: unknown) => {
    toast.show('This browser cannot draw the map: it has no WebGL 2.', Infinity);
    live.close();
    throw error;
  });
  const { plane, tiles, grid, pulses, pictures } = canvas;

  const at = (): string | undefined => past.at();
  const address = new Address({
    camera: () => plane.heading,
    shown: (): Shown => ({ opened: selection.current, cursor: at(), from: past.comparison.from }),
    head: () => live.cursor,
    onGo: (link) => {
      if (link.camera) navigation.followLink(link.camera);
      void past.follow(link);
      if (link.opened) selection.follow(link.opened);
    },
  });
  const panel = new Panel({
    parts: panelParts(),
    palette,
    statistics,
    compositors: () => display.compositors,
    open: () => (selection.current?.kind === 'compositor' ? selection.current.id : undefined),
    now: () => clock.now(),
    onPick: (id) => openCompositor(id),
  });
  display.onCompositors = () => {
    panel.invalidate();
    labels.statesChanged();
  };
  const past = new Past({
    ...{ api, display, statistics, live, clock, palette, toast, dismiss, address },
    sight: () => plane.sight,
    only: () => attention.only,
    onTravel: (moment) => {
      if (moment) navigation.stop();
      status.showHistory(moment?.revision);
    },
    onShown: () => search.momentChanged(),
    onPick: (id) => openCompositor(id),
    onRegion: (rect) => navigation.goTo(plane.cameraFor(rect, 96)),
    onDraw: () => renderLoop.invalidate(),
  });
  const { timeline } = past;
  plane.viewport.addChild(past.comparison.layer.quads.mesh);
  const now = () => past.now();
  const ageOf = (ms: number) => past.ageOf(ms);
  const knowsAll = () => at() === undefined && attention.only === undefined && contains(live.view, PLANE);
  const overview = new PlaneOverview({
    api,
    scene,
    palette,
    knowsAll,
    revision: () => live.state.revision,
    at,
  });
  const navigation = new Navigation({
    overview,
    plane,
    clusters,
    statistics,
    api,
    toast,
    at,
    step: (change) => address.step(change),
    followTiles: !link?.camera && !link?.moment,
    knowsAll,
  });
  const search = new Search({
    input: elementOf('search', HTMLInputElement),
    list: byId('hits'),
    api,
    palette,
    centre: () => ({ x: clamped(plane.camera.x), y: clamped(plane.camera.y) }),
    compositors: () => display.compositors.values(),
    at,
    onGo: ({ goal }) => {
      if ('compositor' in goal) return openCompositor(goal.compositor);
      selection.open({ kind: 'tile', ...goal });
      navigation.goToCell(goal);
    },
  });
  const openCompositor = (id: string) => {
    selection.open({ kind: 'compositor', id });
    void navigation.goToCompositor(id);
  };
  const { selection, attention, frame, isOpen } = buildDetails({
    ...{ api, base, template, plane, navigation, palette, scene, display, live, statistics, dismiss },
    ...{ at, address },
    announce: (text) => announcer.say(text),
    clock: { now },
    ageOf,
    onTravel: (cursor) => void past.timeline.goTo({ cursor }),
    onOnly: () => past.look(),
    onOpen: () => panel.invalidate(),
  });

  const covered = new Covered();
  const labels = new Labels({
    host: byId('labels'),
    canvas: plane.canvas,
    clusters,
    covered: () => [...covered.boxes, ...regions.texts],
    statusOf: (id) => display.compositors.get(id)?.status,
    onPick: (cluster) => {
      selection.open({ kind: 'compositor', id: cluster.owner.id });
      navigation.goToCluster(cluster);
    },
  });
  const regions = new RegionLayer({ host: byId('regions'), palette });
  const hover = new Hover({
    host: byId('plane'),
    tooltip: byId('tooltip'),
    plane,
    scene,
    palette,
    ageOf,
  });
  hover.isOpen = isOpen;
  const tileCursor = new TileCursor({
    host: byId('plane'),
    frame: byId('tile-cursor'),
    plane,
    scene,
    announce: (text) => announcer.say(text),
  });
  const keysHelp = new KeysHelp({
    dialog: elementOf('keys', HTMLDialogElement),
    list: byId('keys-list'),
    close: byId('keys-close'),
  });
  const picker = new Picker({
    host: byId('plane'),
    regions: byId('regions'),
    plane,
    scene,
    display,
    level: () => tiles.level,
    atKeyboard: () => tileCursor.cell,
  });
  picker.onPick = (picked) => selection.open(picked);
  const { minimap, nothingHere } = buildOverview({
    palette,
    scene,
    live,
    url: location.origin + base,
    plane,
    overview,
    navigation,
    store,
    knowsAll,
    announce: (text) => announcer.say(text),
    at,
  });
  const renderLoop = new RenderLoop({
    plane,
    grid,
    tiles,
    pulses,
    pictures,
    clusters,
    labels,
    covered,
    regions,
    frame,
    tileCursor,
    display,
    hover,
    status,
    onMove: () => {
      minimap.update();
      if (!navigation.following) address.schedule();
      live.look(plane.sight, navigation.followsAll);
      past.look();
    },
    isFramed: () => navigation.isFramed,
    onClusters: () => {
      navigation.clustersChanged();
      panel.invalidate();
    },
  });

  themes.onChange = (theme) => {
    palette.theme = theme;
    tiles.theme = theme;
    grid.theme = theme;
    past.theme = theme;
    scene.repaint();
    minimap.draw();
    panel.invalidate();
    renderLoop.invalidate();
  };
  themes.onChange(themes.current);
  bindControls({ plane, navigation, tileCursor, search, past, themes, keysHelp, dismiss, address, toast });
  sleepWhileHidden(live);
  statistics.start();
  store.start();
  timeline.start();
  if (link?.moment ?? link?.from) void past.follow(link);
  if (link && !link.camera) void navigation.showEverything();
  if (link?.opened) selection.follow(link.opened);
  renderLoop.start();
  minimap.start();
  nothingHere.start();

  window.geometryMap = () =>
    pageState({ ...{ scene, live, display, regions, tileCursor, renderLoop, status, past }, ...canvas });
}

/** A cell's coordinate: the camera may look beyond the plane. */
function clamped(n: number): number {
  return Math.min(Math.max(Math.floor(n), -(2 ** 31)), 2 ** 31 - 1);
}
