import { zoomFor, type Sight } from '../map/aim.ts';
import { contains, snapped, textOf, widened, type Rectangle } from '../map/rectangle.ts';
import { ApiError, type Api, type ComparisonReply } from '../page/api.ts';
import { revisionOf } from './moment.ts';

/** The view is wider than the screen by this share on each side. */
const MARGIN = 0.25;
/** Milliseconds between two looks whether the live map, with which a moment is compared, has changed. */
const INTERVAL = 1000;
/** Counts of the whole plane need no places. */
const WHOLE_ZOOM = 16;

/** What differs in a part of the plane, in squares of 2^zoom x 2^zoom cells. */
export interface Marks {
  readonly rect: Rectangle;
  readonly zoom: number;
  readonly areas: ComparisonReply['areas'];
}

/** What is compared: a moment before, and one after; undefined is now. */
export interface Pair {
  readonly since: string;
  readonly to: string | undefined;
}

/** The counts of the whole plane, and the places on the screen. */
export interface Found {
  readonly pair: Pair;
  readonly whole: ComparisonReply;
  readonly marks: Marks;
}

export interface ComparisonOptions {
  readonly api: Pick<Api, 'comparison'>;
  readonly sight: () => Sight;
  /** The cursor of the moment shown; undefined: the map is live. */
  readonly at: () => string | undefined;
  /** Whether the page shows what it is to show: of a moment that is gone the map says so first. */
  readonly isShown: () => boolean;
  /** The cursor of the live map. */
  readonly head: () => string | undefined;
  /** The only compositor that is compared; undefined: all are. */
  readonly only: () => string | undefined;
  /** Undefined: nothing is compared any more. */
  readonly onChange: (found: Found | undefined) => void;
  /** The daemon has forgotten these moments. */
  readonly onGone: (cursors: readonly string[]) => void;
}

interface Loaded {
  readonly key: string;
  readonly whole: ComparisonReply;
  readonly marks: Marks;
  /** The zoom that was wanted: more may differ than fits. */
  readonly wanted: number;
}

/** Compares a marked moment with the one that is shown: on the whole plane how much, and on the screen where. */
export class Comparison {
  readonly #options: ComparisonOptions;
  #from: string | undefined;
  #loaded: Loaded | undefined;
  #busy = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** The cursor of the live map at the last look: a busy map would be compared again and again. */
  #head: string | undefined;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  /** The cursor of the marked moment. */
  get from(): string | undefined {
    return this.#from;
  }

  start(cursor: string): void {
    clearInterval(this.#timer);
    this.#from = cursor;
    this.#loaded = undefined;
    this.#timer = setInterval(() => this.#look(), INTERVAL);
    this.#look();
  }

  stop(): void {
    if (this.#from === undefined) return;
    clearInterval(this.#timer);
    this.#from = this.#loaded = undefined;
    this.#options.onChange(undefined);
  }

  #look(): void {
    this.#head = this.#options.head();
    this.update();
  }

  /** Another moment or another part of the plane is shown. */
  update(): void {
    if (this.#from !== undefined) void this.#load();
  }

  async #load(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#from !== undefined && this.#options.isShown() && !this.#isLoaded())
        await this.#read(this.#from);
    } catch (error) {
      if (error instanceof ApiError && error.status === 410 && this.#from !== undefined)
        this.#options.onGone(goneOf(this.#from, this.#options.at(), error.oldest));
      // Else the daemon did not answer: it is asked again.
    }
    this.#busy = false;
  }

  async #read(from: string): Promise<void> {
    const key = this.#key();
    const { at, sight, api, only, onChange } = this.#options;
    const pair = pairOf(from, at());
    const [to, compositor] = [pair.to, only()];
    const query = {
      since: pair.since,
      ...(to !== undefined && { to }),
      ...(compositor !== undefined && { compositor }),
    };
    const wanted = zoomFor(sight(), undefined);
    const rect = snapped(widened(sight().screen, MARGIN), wanted);
    const known = this.#loaded?.key === key ? this.#loaded.whole : undefined;
    const [whole, part] = await Promise.all([
      known ?? api.comparison({ ...query, zoom: String(WHOLE_ZOOM) }),
      api.comparison({ ...query, view: textOf(rect), zoom: String(wanted) }),
    ]);
    // Another one was begun meanwhile, or this one has ended.
    if (this.#from !== from) return;
    const marks = { rect, zoom: part.zoom, areas: part.areas };
    this.#loaded = { key, whole, marks, wanted };
    onChange({ pair, whole, marks });
  }

  #isLoaded(): boolean {
    const { sight } = this.#options;
    const loaded = this.#loaded;
    if (loaded?.key !== this.#key() || !contains(loaded.marks.rect, sight().screen)) return false;
    return loaded.wanted === zoomFor(sight(), undefined);
  }

  /** Names what is compared. */
  #key(): string {
    const { at, only } = this.#options;
    return `${this.#from} ${at() ?? `now ${this.#head}`} ${only() ?? ''}`;
  }
}

/** In the order in which they were, whichever was marked. */
export function pairOf(from: string, at: string | undefined): Pair {
  if (at === undefined || revisionOf(from) <= revisionOf(at)) return { since: from, to: at };
  return { since: at, to: from };
}

/** Those of the two that the history, which begins at `oldest`, no longer has; of another history it is the marked one. */
function goneOf(from: string, at: string | undefined, oldest: string | undefined): string[] {
  const pair = at === undefined ? [from] : [from, at];
  const trimmed = pair.filter((cursor) => oldest !== undefined && revisionOf(cursor) < revisionOf(oldest));
  return trimmed.length > 0 ? trimmed : [from];
}
