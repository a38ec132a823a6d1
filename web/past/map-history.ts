import { ApiError, type Api, type Counts, type ManifestOrOverview } from '../page/api.ts';
import { zoomFor, type Sight } from '../map/aim.ts';
import { contains, snapped, textOf, widened, type Rectangle } from '../map/rectangle.ts';
import type { DisplayState } from '../map/display-state.ts';
import type { Moment } from './moment.ts';

/** The view is wider than the screen by this share on each side. */
const MARGIN = 0.25;
/** The largest zoom of an overview. */
const MAX_ZOOM = 16;
/** Milliseconds until a daemon that did not answer is asked again. */
const RETRY = 2000;

export interface MapHistoryOptions {
  readonly api: Pick<Api, 'manifestOrOverview' | 'counts'>;
  readonly display: Pick<DisplayState, 'replace'>;
  /** The only compositor that is shown; undefined: all are. */
  readonly only: () => string | undefined;
  /** The tiles of the live map that would be shown: those of the first moment are about as many. */
  readonly total: () => number;
  /** A moment is shown from now on. */
  readonly onShown: (moment: Moment, counts: Counts) => void;
  /** The moment cannot be shown: the daemon has forgotten it, or never knew it. */
  readonly onGone: (cursor: string, oldest: string | undefined) => void;
  /** The daemon does not answer. It is asked again; until then the page keeps what it shows. */
  readonly onError: (error: unknown) => void;
}

interface Wanted {
  readonly cursor: string;
  readonly only: string | undefined;
  readonly sight: Sight;
}

interface Loaded {
  readonly cursor: string;
  readonly only: string | undefined;
  readonly counts: Counts;
  /** All of then, also those that are not shown. */
  readonly compositors: ManifestOrOverview['compositors'];
  readonly rect: Rectangle;
  readonly zoom: number;
}

/** Shows the map as it was at a cursor, for the part on the screen: tiles, or zoomed out over a large map areas. */
export class MapHistory {
  readonly #options: MapHistoryOptions;
  #wanted: Wanted | undefined;
  #loaded: Loaded | undefined;
  #busy = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  /** So much larger than wanted are the areas of this zoom, because there were too many. */
  #coarser = { zoom: 0, by: 0 };

  constructor(options: MapHistoryOptions) {
    this.#options = options;
  }

  /** The cursor to show; undefined while the map is live. */
  get cursor(): string | undefined {
    return this.#wanted?.cursor;
  }

  /** Whether the moment that is to be shown is shown. */
  get isShown(): boolean {
    return this.#wanted !== undefined && this.#loaded?.cursor === this.#wanted.cursor;
  }

  show(cursor: string, sight: Sight): void {
    this.#wanted = { cursor, sight, only: this.#options.only() };
    void this.#load();
  }

  /** Shows another part of it, or another compositor alone. */
  look(sight: Sight): void {
    if (this.#wanted) this.show(this.#wanted.cursor, sight);
  }

  leave(): void {
    clearTimeout(this.#retry);
    this.#wanted = this.#loaded = undefined;
  }

  /** One request at a time. Afterwards only the last position of the slider is loaded. */
  async #load(): Promise<void> {
    clearTimeout(this.#retry);
    if (this.#busy) return;
    this.#busy = true;
    for (let wanted = this.#wanted; wanted && !this.#isLoaded(wanted); wanted = this.#wanted) {
      const { cursor } = wanted;
      try {
        const { manifest, ...loaded } = await this.#read(wanted);
        // The page went back to live meanwhile.
        if (!this.#wanted) break;
        this.#show(manifest, loaded);
      } catch (error) {
        // Of what is no longer wanted nobody needs to hear.
        if (this.#wanted?.cursor !== cursor) continue;
        if (error instanceof ApiError && error.status === 410) {
          this.leave();
          this.#options.onGone(cursor, error.oldest);
        } else {
          this.#retry = setTimeout(() => void this.#load(), RETRY);
          this.#options.onError(error);
          break;
        }
      }
    }
    this.#busy = false;
  }

  async #read(wanted: Wanted): Promise<Loaded & { manifest: ManifestOrOverview }> {
    const { cursor, only, sight } = wanted;
    const { api, total } = this.#options;
    const before = this.#loaded;
    const known = before?.cursor === cursor ? before : undefined;
    const guess = before ? tilesOf(before.counts, only) : total();
    const [counts, compositors, first] = await Promise.all([
      known?.counts ?? api.counts(cursor),
      known?.compositors ?? (only === undefined ? undefined : this.#compositors(cursor)),
      this.#manifest(wanted, guess),
    ]);
    // There were many more tiles than it seemed, or many fewer.
    const tiles = tilesOf(counts, only);
    const fits = zoomFor(sight, guess) === zoomFor(sight, tiles);
    const read = fits ? first : await this.#manifest(wanted, tiles);
    return { cursor, only, counts, compositors: compositors ?? read.manifest.compositors, ...read };
  }

  /** All of then: a manifest of one compositor has no others. */
  async #compositors(cursor: string): Promise<Loaded['compositors']> {
    return (await this.#options.api.manifestOrOverview({ at: cursor, view: '0,0,0,0' })).compositors;
  }

  async #manifest(
    { cursor, only, sight }: Wanted,
    total: number,
  ): Promise<Pick<Loaded, 'rect' | 'zoom'> & { manifest: ManifestOrOverview }> {
    const wanted = zoomFor(sight, total);
    for (;;) {
      const by = this.#coarser.zoom === wanted ? this.#coarser.by : 0;
      const zoom = wanted === 0 ? 0 : Math.min(MAX_ZOOM, wanted + by);
      const rect = snapped(widened(sight.screen, MARGIN), zoom);
      const query = {
        ...{ at: cursor, view: textOf(rect) },
        ...(only !== undefined && { compositor: only }),
        ...(zoom > 0 && { zoom: String(zoom) }),
      };
      try {
        return { rect, zoom, manifest: await this.#options.api.manifestOrOverview(query) };
      } catch (error) {
        const tooMany = error instanceof ApiError && error.status === 400 && zoom > 0 && zoom < MAX_ZOOM;
        if (!tooMany) throw error;
        this.#coarser = { zoom: wanted, by: by + 1 };
      }
    }
  }

  #show(manifest: ManifestOrOverview, loaded: Loaded): void {
    const { revision, committedAt, tiles = {}, areas = {}, regions = {} } = manifest;
    this.#options.display.replace({
      rect: loaded.rect,
      zoom: loaded.zoom,
      areas: Object.entries(areas),
      tiles: Object.entries(tiles),
      compositors: Object.entries(loaded.compositors),
      regions: Object.entries(regions),
      revision,
    });
    this.#loaded = loaded;
    this.#options.onShown({ cursor: loaded.cursor, revision, committedAt }, loaded.counts);
  }

  #isLoaded({ cursor, only, sight }: Wanted): boolean {
    const loaded = this.#loaded;
    if (loaded?.cursor !== cursor || loaded.only !== only || !contains(loaded.rect, sight.screen))
      return false;
    const wanted = zoomFor(sight, tilesOf(loaded.counts, only));
    const by = this.#coarser.zoom === wanted ? this.#coarser.by : 0;
    return loaded.zoom === (wanted === 0 ? 0 : Math.min(MAX_ZOOM, wanted + by));
  }
}

/** How many tiles of a moment are shown: all, or those of the only compositor. */
function tilesOf({ total, compositors }: Counts, only: string | undefined): number {
  return only === undefined ? total : (compositors[only] ?? 0);
}
