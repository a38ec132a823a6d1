import { connect, type Batch, type Subscription } from '../src/client/client.ts';
import { contains, parseRectangle, PLANE, snapped, widened, type Rectangle } from './rectangle.ts';
import type { Shown } from './shown.ts';

/** Milliseconds between two moves of the view. */
const PAUSE = 300;
/** Of the screen, on each side. */
const MARGIN = 0.25;
/** A view that holds so many tiles, and so many times as many as it need, is made smaller when the map rests. */
const MANY = 5000;
const TOO_MANY = 8;
const REST = 1500;
/** Milliseconds: somebody is looking, and a deploy should not show for long. */
const MAX_RETRY = 5000;

export interface LiveState {
  readonly state: string;
  readonly revision: number;
  /** Milliseconds from commit to here, by both clocks; undefined before the first change. */
  readonly delay: number | undefined;
}

/** The subscription: to what is on the screen and around it. */
export class Live {
  readonly #shown: Shown;
  readonly #client: Subscription;
  #view: Rectangle;
  #movedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #delay: number | undefined;
  #paused = false;
  /** How often it has moved. */
  moves = 0;
  onState: (state: LiveState) => void = () => undefined;
  onUnauthorized: () => void = () => undefined;

  constructor(options: {
    url: string;
    /** Undefined: nobody said where to look, so all of it. */
    screen: Rectangle | undefined;
    shown: Shown;
  }) {
    this.#shown = options.shown;
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

  /** The screen shows this now: moves the view when it must, and not too often. */
  look(screen: Rectangle): void {
    clearTimeout(this.#timer);
    if (contains(this.#view, screen)) {
      this.#timer = setTimeout(() => this.#narrow(viewFor(screen)), REST);
      return;
    }
    const wait = this.#movedAt + PAUSE - performance.now();
    if (wait > 0) this.#timer = setTimeout(() => this.look(screen), wait);
    else this.#move(viewFor(screen));
  }

  #narrow(wanted: Rectangle): void {
    const known = this.#client.tiles.size;
    if (known > MANY && this.#shown.tilesIn(wanted) * TOO_MANY < known) this.#move(wanted);
  }

  #move(view: Rectangle): void {
    this.#movedAt = performance.now();
    this.#view = view;
    this.moves += 1;
    this.#client.setView(wire(view));
  }

  /** From now on the past is shown; the copy goes on all the same. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const { tiles, compositors } = this.#client;
    this.#shown.replace({ area: this.#area, tiles, compositors, revision: this.#revision });
    this.onState(this.state);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#client.close();
  }

  #apply(batch: Batch): void {
    if (batch.delay !== null) this.#delay = Math.max(0, batch.delay);
    if (!this.#paused) {
      // When the view has moved, what is gone of the one before would look removed.
      this.#shown.narrow(this.#area);
      this.#shown.apply(batch);
    }
    this.#exact(batch.exact);
  }

  /** All of the view is there: what comes from now on has just happened. */
  #exact(exact: boolean): void {
    if (exact && !this.#paused) this.#shown.know(this.#area);
    this.onState(this.state);
  }

  /** What the copy shows: while the view moves, still the one before. */
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

/** The whole plane by its name: of that the server says a digest, and its stream is everybody's. */
function wire(view: Rectangle): Rectangle | null {
  return contains(view, PLANE) ? null : view;
}
