import type { Api } from './api.ts';
import { contains, snapped, textOf, widened, type Rectangle } from './rectangle.ts';
import type { DisplayState } from './display-state.ts';

export interface MapHistoryOptions {
  readonly api: Api;
  readonly display: DisplayState;
  readonly onError: (error: unknown) => void;
}

/** Shows the map as it was at a cursor, for the part on the screen. */
export class MapHistory {
  readonly #options: MapHistoryOptions;
  #wanted: { cursor: string; screen: Rectangle } | undefined;
  #loaded: { cursor: string; area: Rectangle } | undefined;
  #busy = false;

  constructor(options: MapHistoryOptions) {
    this.#options = options;
  }

  /** The cursor shown; undefined while the map is live. */
  get cursor(): string | undefined {
    return this.#wanted?.cursor;
  }

  show(cursor: string, screen: Rectangle): void {
    this.#wanted = { cursor, screen };
    void this.#load();
  }

  screenMoved(screen: Rectangle): void {
    if (this.#wanted) this.show(this.#wanted.cursor, screen);
  }

  leave(): void {
    this.#wanted = this.#loaded = undefined;
  }

  /** One request at a time. Afterwards only the last position of the slider is loaded. */
  async #load(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let wanted = this.#wanted; wanted && !this.#isLoaded(wanted); wanted = this.#wanted) {
        const { cursor } = wanted;
        const area = snapped(widened(wanted.screen, 0.25));
        const manifest = await this.#options.api.manifest({ at: cursor, view: textOf(area) });
        // The page went back to live meanwhile.
        if (!this.#wanted) break;
        this.#options.display.replace({
          area,
          tiles: Object.entries(manifest.tiles),
          compositors: Object.entries(manifest.compositors),
          revision: manifest.revision,
        });
        this.#loaded = { cursor, area };
      }
    } catch (error) {
      if (this.#wanted) this.#options.onError(error);
    } finally {
      this.#busy = false;
    }
  }

  #isLoaded({ cursor, screen }: { cursor: string; screen: Rectangle }): boolean {
    return this.#loaded?.cursor === cursor && contains(this.#loaded.area, screen);
  }
}
