import type { Api } from './api.ts';
import { contains, snapped, textOf, widened, type Rectangle } from './rectangle.ts';
import type { Shown } from './shown.ts';

/** The map as it was at a cursor, for what is on the screen. */
export class Past {
  readonly #api: Api;
  readonly #shown: Shown;
  readonly #onError: (error: unknown) => void;
  #wanted: { cursor: string; screen: Rectangle } | undefined;
  #has: { cursor: string; area: Rectangle } | undefined;
  #busy = false;

  constructor(options: { api: Api; shown: Shown; onError: (error: unknown) => void }) {
    this.#api = options.api;
    this.#shown = options.shown;
    this.#onError = options.onError;
  }

  /** What is shown; undefined while the map is live. */
  get cursor(): string | undefined {
    return this.#wanted?.cursor;
  }

  show(cursor: string, screen: Rectangle): void {
    this.#wanted = { cursor, screen };
    void this.#load();
  }

  look(screen: Rectangle): void {
    if (this.#wanted) this.show(this.#wanted.cursor, screen);
  }

  leave(): void {
    this.#wanted = this.#has = undefined;
  }

  /** One request at a time: while it runs only the last wish counts, however fast the slider moves. */
  async #load(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let wanted = this.#wanted; wanted && !this.#shows(wanted); wanted = this.#wanted) {
        const { cursor } = wanted;
        const area = snapped(widened(wanted.screen, 0.25));
        const manifest = await this.#api.manifest({ at: cursor, view: textOf(area) });
        // Back to live meanwhile.
        if (!this.#wanted) break;
        this.#shown.replace({
          area,
          tiles: Object.entries(manifest.tiles),
          compositors: Object.entries(manifest.compositors),
          revision: manifest.revision,
        });
        this.#has = { cursor, area };
      }
    } catch (error) {
      if (this.#wanted) this.#onError(error);
    } finally {
      this.#busy = false;
    }
  }

  #shows({ cursor, screen }: { cursor: string; screen: Rectangle }): boolean {
    return this.#has?.cursor === cursor && contains(this.#has.area, screen);
  }
}
