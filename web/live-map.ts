import { connect, type Batch, type Subscription } from '../src/client/client.ts';
import { contains, parseRectangle, PLANE, snapped, widened, type Rectangle } from './rectangle.ts';
import type { DisplayState } from './display-state.ts';

/** Minimum milliseconds between two moves of the view. */
const MOVE_INTERVAL = 300;
/** The view is wider than the screen by this share on each side. */
const MARGIN = 0.25;
/** A view with more tiles than this, and this many times more than the screen needs, shrinks when the map rests for a while. */
const SHRINK_ABOVE = 5000;
const SHRINK_FACTOR = 8;
const SHRINK_DELAY = 1500;
/** The longest pause between two connection attempts, in milliseconds: a deploy should not be visible for long. */
const MAX_RETRY = 5000;

export interface LiveState {
  readonly state: string;
  readonly revision: number;
  /** Milliseconds from commit to display, between two clocks; undefined before the first change. */
  readonly delay: number | undefined;
}

/** The subscription to the screen and its surroundings. */
export class LiveMap {
  readonly #display: DisplayState;
  readonly #client: Subscription;
  #view: Rectangle;
  #movedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay: number | undefined;
  #paused = false;
  /** How often the view has moved. */
  moves = 0;
  onState: (state: LiveState) => void = () => undefined;
  onUnauthorized: () => void = () => undefined;

  constructor(options: {
    url: string;
    /** Undefined: the address names no place, so the view is the whole plane. */
    screen: Rectangle | undefined;
    display: DisplayState;
  }) {
    this.#display = options.display;
    this.#view = options.screen ? viewFor(options.screen) : PLANE;
    const client = connect({ url: options.url, view: wire(this.#view), maxRetry: MAX_RETRY });
    this.#client = client;
    client.on('change', (batch) => this.#apply(batch));
    client.on('synced', () => this.#exact(true));
    client.on('problem', ({ status }) => {
      if (status === 401) this.onUnauthorized();
    });
    client.on('state', () => this.onState(this.state));
  }

  get state(): LiveState {
    return { state: this.#client.state, revision: this.#revision, delay: this.#delay };
  }

  get view(): Rectangle {
    return this.#view;
  }

  get known(): number {
    return this.#client.tiles.size;
  }

  /** Moves the view when the screen leaves it, but not too often. */
  screenMoved(screen: Rectangle): void {
    clearTimeout(this.#timer);
    if (contains(this.#view, screen)) {
      this.#timer = setTimeout(() => this.#narrow(viewFor(screen)), SHRINK_DELAY);
      return;
    }
    const wait = this.#movedAt + MOVE_INTERVAL - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.screenMoved(screen), wait);
    else this.#move(viewFor(screen));
  }

  #narrow(wanted: Rectangle): void {
    const known = this.#client.tiles.size;
    if (known > SHRINK_ABOVE && this.#display.tilesIn(wanted) * SHRINK_FACTOR < known) this.#move(wanted);
  }

  #move(view: Rectangle): void {
    this.#movedAt = performance.now();
    this.#view = view;
    this.moves += 1;
    this.#client.setView(wire(view));
  }

  /** The page shows the history from now on. The subscription goes on in the background. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const { tiles, compositors } = this.#client;
    this.#display.replace({ area: this.#area, tiles, compositors, revision: this.#revision });
    this.onState(this.state);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#client.close();
  }

  #apply(batch: Batch): void {
    if (batch.delay !== null) this.#delay = Math.max(0, batch.delay);
    if (!this.#paused) {
      // Without this, the tiles that a moved view left behind would look removed.
      this.#display.clipTo(this.#area);
      this.#display.apply(batch);
    }
    this.#exact(batch.exact);
  }

  /** When the view is complete, later changes in it have just happened. */
  #exact(exact: boolean): void {
    if (exact && !this.#paused) this.#display.markComplete(this.#area);
    this.onState(this.state);
  }

  /** The rectangle that the copy shows: while the view moves, the previous one. */
  get #area(): Rectangle {
    const { view } = this.#client;
    return view === null ? PLANE : parseRectangle(view);
  }

  get #revision(): number {
    return Number.parseInt(this.#client.cursor ?? '0', 10);
  }
}

function viewFor(screen: Rectangle): Rectangle {
  return snapped(widened(screen, MARGIN));
}

/** The view for the request. The whole plane is `null`: then the server sends a digest and encodes one stream for all. */
function wire(view: Rectangle): Rectangle | null {
  return contains(view, PLANE) ? null : view;
}
