import {
  connect,
  type Batch,
  type Compositor,
  type Problem,
  type Subscription,
} from '../../src/client/client.ts';
import { zoomFor, type Sight, type Size } from './aim.ts';
import type { DisplayState } from './display-state.ts';
import type { LiveState } from './live-state.ts';
import { locate } from './locate.ts';
import type { ServerClock } from './server-clock.ts';
import { contains, parseRectangle, PLANE, snapped, type Rectangle } from './rectangle.ts';
import { ViewAim, viewFor, type Aimed } from './view-aim.ts';

/** The longest pause between two connection attempts, in milliseconds: a deploy should not be visible for long. */
const MAX_RETRY = 5000;
/** The zoom with which the tiles of an unknown map are looked for. */
const FIRST_ZOOM = 16;

export interface LiveMapOptions {
  readonly url: string;
  /** Undefined: the address names no place, so the view is the whole plane. */
  readonly sight: Sight | undefined;
  /** Of the screen, in pixels. */
  readonly size: Size;
  readonly display: DisplayState;
  readonly clock: ServerClock;
}

/** The subscription to the screen and its surroundings: to tiles, or zoomed out over a large map to areas. */
export class LiveMap {
  readonly #display: DisplayState;
  readonly #url: string;
  readonly #size: Size;
  readonly #clock: ServerClock;
  readonly #aim: ViewAim;
  #client: Subscription;
  /** What the client was last told to show. */
  #aimed: Aimed;
  /** Nothing is shown before it is known where the tiles are. */
  #locating: boolean;
  #delay: number | undefined;
  #problem: Problem | undefined;
  #paused = false;
  #asleep = false;
  #only: string | undefined;
  /** Until a new connection has brought everything, the page keeps what it shows. */
  #catchingUp = false;
  /** How often the view has moved. */
  moves = 0;
  onState: (state: LiveState) => void = () => undefined;
  onUnauthorized: () => void = () => undefined;

  constructor({ url, sight, size, display, clock }: LiveMapOptions) {
    this.#clock = clock;
    this.#display = display;
    this.#url = url;
    this.#size = size;
    this.#locating = !sight;
    const zoom = sight ? zoomFor(sight, undefined) : FIRST_ZOOM;
    this.#aimed = { zoom, view: sight ? viewFor(sight, zoom) : PLANE };
    this.#client = this.#connect();
    this.#aim = new ViewAim({
      sight,
      current: () => this.#aimed,
      known: () => this.#client.tiles.size,
      tilesIn: (rect) => display.tilesIn(rect),
      onMove: (aimed) => this.#move(aimed),
    });
  }

  #connect(): Subscription {
    const client = connect({
      url: this.#url,
      view: wire(this.#aimed.view),
      zoom: this.#aimed.zoom,
      maxRetry: MAX_RETRY,
      ...(this.#only !== undefined && { compositor: this.#only }),
    });
    client.on('change', (batch) => this.#apply(batch));
    client.on('synced', ({ time }) => {
      this.#clock.observe(Date.parse(time));
      this.#exact(true);
    });
    client.on('problem', (problem) => {
      this.#problem = problem;
      if (problem.status === 401) this.onUnauthorized();
    });
    client.on('state', (state) => {
      if (state === 'connecting' || state === 'offline') this.#delay = undefined;
      if (state !== 'closed') this.onState(this.state);
    });
    return client;
  }

  get state(): LiveState {
    const { state, nextAttempt } = this.#client;
    const problem = ['connecting', 'offline', 'refused'].includes(state) ? this.#problem : undefined;
    return { state, revision: this.#revision, delay: this.#delay, problem, nextAttempt };
  }

  /** The newest commit that it has; undefined before the first. */
  get cursor(): string | undefined {
    return this.#client.cursor;
  }

  /** The only compositor whose tiles and regions are shown; undefined: all. */
  set only(id: string | undefined) {
    if (id === this.#only) return;
    this.#only = id;
    this.#client.close();
    if (!this.#asleep) this.#connectAgain();
  }

  get view(): Rectangle {
    return this.#aimed.view;
  }

  /** How many tiles or areas it has. */
  get known(): number {
    return this.#client.tiles.size + this.#client.areas.size;
  }

  /** Whether the page shows all that there is in this part of the plane. */
  shows(screen: Rectangle): boolean {
    const { state, zoom } = this.#client;
    return (
      (state === 'live' || state === 'degraded') &&
      this.#isShown &&
      zoom === this.#aimed.zoom &&
      contains(this.#rect, screen)
    );
  }

  /** Says how many tiles the whole map has: a small one is read tile by tile. */
  set total(total: number) {
    if (this.#aim.learn(total)) this.#update();
  }

  /** Moves the view when the camera leaves it or zooms, but not too often. `following`: all tiles are to stay in sight. */
  look(sight: Sight, following: boolean): void {
    this.#aim.look(sight, following);
    this.#update();
  }

  #update(): void {
    if (!this.#locating) this.#aim.update();
  }

  #move(aimed: Aimed): void {
    this.#aimed = aimed;
    this.moves += 1;
    this.#client.setView({ view: wire(aimed.view), zoom: aimed.zoom });
  }

  /** The page shows the history from now on. The subscription goes on in the background. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    if (this.#isShown) this.#show();
    this.onState(this.state);
  }

  /** Gives the connection back while nobody looks: a browser has six to an origin, and hidden tabs would take them all. */
  sleep(): void {
    this.#asleep = true;
    this.#client.close();
  }

  /** Catches up with what happened meanwhile. */
  wake(): void {
    if (!this.#asleep) return;
    this.#asleep = false;
    this.#connectAgain();
  }

  #connectAgain(): void {
    this.#catchingUp = true;
    this.#client = this.#connect();
  }

  close(): void {
    this.#aim.close();
    this.#client.close();
  }

  /** Whether the page holds every tile of the plane, one by one. */
  get isWhole(): boolean {
    const { x1, y1, x2, y2 } = PLANE;
    const isAll = this.#isShown && this.#only === undefined;
    return isAll && this.#display.holds(x1, y1) && this.#display.holds(x2, y2);
  }

  /** The page shows what the client has. */
  get #isShown(): boolean {
    return !this.#paused && !this.#locating && !this.#catchingUp;
  }

  #apply(batch: Batch): void {
    // What a snapshot or a catch-up brings was committed before: how long ago says nothing of the way here.
    if (batch.delay !== null && batch.exact && this.#client.state === 'live')
      this.#delay = Math.max(0, batch.delay - this.#clock.skew);
    if (this.#isShown) {
      if (this.#client.zoom === this.#display.zoom) {
        // Without this, the tiles that a moved view left behind would look removed.
        this.#display.clipTo(this.#rect);
        this.#display.apply(batch);
      } else this.#show();
    }
    this.#exact(batch.exact);
  }

  /** When the view is complete, later changes in it have just happened. */
  #exact(exact: boolean): void {
    if (exact && this.#catchingUp) {
      this.#catchingUp = false;
      if (this.#isShown) this.#show();
    }
    if (exact && this.#locating) this.#locate();
    if (exact && this.#isShown) this.#display.markComplete(this.#rect);
    this.onState(this.state);
  }

  /** Looks for the tiles to show first with ever smaller areas, until these have the right size on the screen. */
  #locate(): void {
    const { areas, zoom } = this.#client;
    // The client may still show the areas before these.
    if (zoom !== this.#aimed.zoom) return;
    const aim = this.#aim;
    if (zoom > 0) {
      const found = locate(areas, zoom, this.#size, aim.total);
      aim.total = found.total;
      aim.following &&= found.whole;
      const view = aim.following || !found.rect ? PLANE : snapped(found.rect, zoom);
      if (found.zoom < zoom) return this.#move({ view, zoom: found.zoom });
    }
    this.#locating = false;
    if (this.#isShown) this.#show();
    this.#update();
  }

  /** Shows all that the client has. */
  #show(): void {
    const { tiles, areas, regions, zoom } = this.#client;
    const revision = this.#revision;
    const compositors = this.#compositors;
    this.#display.replace({ rect: this.#rect, zoom, tiles, areas, compositors, regions, revision });
  }

  /** All of them: those that the view leaves out stay as they were last known. */
  get #compositors(): Iterable<readonly [string, Compositor]> {
    const { compositors } = this.#client;
    if (this.#only === undefined) return compositors;
    return [...[...this.#display.compositors].filter(([id]) => id !== this.#only), ...compositors];
  }

  /** The rectangle that the copy shows: while the view moves, the previous one. */
  get #rect(): Rectangle {
    const { view } = this.#client;
    return view === null ? PLANE : parseRectangle(view);
  }

  get #revision(): number {
    return Number.parseInt(this.#client.cursor ?? '0', 10);
  }
}

/** The view for the request. The whole plane is `null`: then the server encodes one stream for all. */
function wire(view: Rectangle): Rectangle | null {
  return contains(view, PLANE) ? null : view;
}
