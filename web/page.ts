import { Announcer } from './announcer.ts';
import { Api, ApiError } from './api.ts';
import type { Camera } from './camera.ts';
import { DeepLink } from './deep-link.ts';
import { Districts } from './districts.ts';
import { byId, elementOf } from './dom.ts';
import { Frames } from './frames.ts';
import { GridLayer } from './grid-layer.ts';
import { Guide } from './guide.ts';
import { Hover } from './hover.ts';
import { Inventory } from './inventory.ts';
import { bindControls } from './controls.ts';
import { Labels } from './labels.ts';
import { Light } from './light.ts';
import type { Model } from './model.ts';
import { Note } from './note.ts';
import { Panel } from './panel.ts';
import { Past } from './past.ts';
import { Pictures } from './pictures.ts';
import { Plane, type Covered } from './plane.ts';
import { PulseLayer } from './pulse-layer.ts';
import { textOf } from './rectangle.ts';
import { Search } from './search.ts';
import { SignIn } from './sign-in.ts';
import { Themes } from './themes.ts';
import { TileLayer } from './tile-layer.ts';
import { Timeline } from './timeline.ts';

/** What tests and the curious may look at: `geometryMap` in the console. It changes nothing. */
interface Handle {
  readonly tiles: number;
  readonly known: number;
  readonly drawn: number;
  readonly level: number;
  readonly state: string;
  readonly revision: number;
  readonly shownRevision: number;
  readonly camera: Camera;
  readonly view: string;
  readonly moves: number;
  readonly frames: number;
  readonly fps: number;
  readonly firstTiles: number | undefined;
  readonly pictures: number;
  readonly commits: number;
  /** Of the tiles on the page, by key. */
  bricks(): Record<string, string>;
}

declare global {
  interface Window {
    geometryMap?: Handle;
  }
}

const { base = '', pictures: template = '' } = document.documentElement.dataset;

/** By the panel, the bars at the edges and their distance from them. */
function covered(): Covered {
  const panel = byId('panel').getBoundingClientRect();
  const beside = panel.width < innerWidth / 2 && panel.height > 100;
  return { left: beside ? panel.right + 40 : 40, top: 84, right: 84, bottom: 104 };
}

/** Puts the page together around what it knows. */
export async function showPage({ palette, scene, shown, live, link, camera }: Model): Promise<void> {
  const announcer = new Announcer({ region: byId('announcer') });
  const note = new Note({ place: byId('note'), announce: (text) => announcer.say(text) });
  const signIn = new SignIn({
    base,
    dialog: elementOf('sign-in', HTMLDialogElement),
    form: elementOf('sign-in-form', HTMLFormElement),
    input: elementOf('sign-in-token', HTMLInputElement),
    note: byId('sign-in-note'),
  });
  const light = new Light({
    root: byId('light'),
    word: byId('light-word'),
    numbers: byId('light-numbers'),
    announce: (text) => announcer.say(text),
  });
  const themes = new Themes({ button: byId('theme') });
  live.onState = (state) => light.show(state);
  live.onUnauthorized = () => signIn.ask();
  light.show(live.state);

  const plane = await Plane.open(byId('plane'), covered).catch((error: unknown) => {
    note.say('This browser cannot draw the map: it has no WebGL 2.', Infinity);
    live.close();
    throw error;
  });
  plane.look(camera);
  await breath();
  const pulses = new PulseLayer();
  scene.onChange = (cell) => pulses.add(cell);
  const tiles = new TileLayer({ scene });
  const grid = new GridLayer();
  const pictures = template === '' ? undefined : new Pictures({ template, scene });
  plane.below.addChild(grid.quads.mesh);
  plane.viewport.addChild(tiles.quads.mesh);
  if (pictures) plane.viewport.addChild(pictures.container);
  plane.viewport.addChild(pulses.quads.mesh);
  await breath();

  const api = new Api({ base, onUnauthorized: () => signIn.ask() });
  const districts = new Districts({ scene });
  const inventory = new Inventory({ api, onChange: () => panel.invalidate() });
  const panel = new Panel({
    list: byId('compositors'),
    total: byId('total'),
    palette,
    inventory,
    compositors: () => shown.compositors,
    onPick: (id) => void guide.toCompositor(id),
  });
  shown.onCompositors = () => panel.invalidate();
  const past = new Past({
    api,
    shown,
    onError: (error) => {
      const gone = error instanceof ApiError && error.status === 410;
      note.say(
        gone ? 'That moment is no longer in the history.' : `The past cannot be read: ${String(error)}`,
      );
      timeline.live();
    },
  });
  const guide = new Guide({ plane, districts, inventory, api, note, follow: !link });
  const search = new Search({
    input: elementOf('search', HTMLInputElement),
    list: byId('hits'),
    api,
    palette,
    compositors: () => shown.compositors.values(),
    onGo: ({ goal }) =>
      void ('compositor' in goal ? guide.toCompositor(goal.compositor) : guide.toCell(goal)),
  });
  const timeline = new Timeline({
    slider: elementOf('slider', HTMLInputElement),
    bars: byId('bars'),
    text: byId('moment'),
    live: elementOf('now', HTMLButtonElement),
    play: elementOf('play', HTMLButtonElement),
    api,
    revision: () => live.state.revision,
    onTravel: (commit) => {
      light.past(commit?.revision);
      if (commit) {
        live.pause();
        past.show(commit.cursor, plane.screen);
      } else {
        past.leave();
        live.resume();
      }
    },
  });

  const labels = new Labels({ host: byId('labels'), districts });
  const hover = new Hover({ host: byId('plane'), tip: byId('tip'), plane, scene });
  const address = new DeepLink({ camera: () => plane.camera, onGo: (camera) => guide.to(camera) });
  const frames = new Frames({
    plane,
    grid,
    tiles,
    pulses,
    pictures,
    districts,
    labels,
    hover,
    light,
    onMove: () => {
      if (!guide.following) address.schedule();
      live.look(plane.screen);
      past.look(plane.screen);
    },
    onDistricts: () => guide.follow(),
  });

  themes.onChange = (theme) => {
    palette.theme = theme;
    tiles.theme = theme;
    grid.theme = theme;
    scene.repaint();
    panel.invalidate();
    frames.force();
  };
  themes.onChange(themes.current);
  bindControls({ plane, guide, search, timeline, themes });
  inventory.start();
  timeline.start();
  frames.start();

  window.geometryMap = {
    get tiles() {
      return scene.size;
    },
    get known() {
      return live.known;
    },
    get drawn() {
      return tiles.quads.shown;
    },
    get level() {
      return tiles.level;
    },
    get state() {
      return past.cursor === undefined ? live.state.state : 'past';
    },
    get revision() {
      return live.state.revision;
    },
    get shownRevision() {
      return shown.revision;
    },
    get camera() {
      return plane.camera;
    },
    get view() {
      return textOf(live.view);
    },
    get moves() {
      return live.moves;
    },
    get frames() {
      return frames.count;
    },
    get fps() {
      return light.fps;
    },
    get firstTiles() {
      return frames.firstTiles;
    },
    get pictures() {
      return pictures?.loaded ?? 0;
    },
    get commits() {
      return timeline.commits;
    },
    bricks: () =>
      Object.fromEntries(Array.from(scene.cells(), ({ x, y, tile }) => [`${x},${y}`, tile.brick])),
  };
}

/** Lets what waits have its turn: the request for the tiles and their coming are many small steps between our large ones. */
function breath(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
