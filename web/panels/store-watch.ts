import type { Api } from '../page/api.ts';
import type { StoreState } from './status-words.ts';

const INTERVAL = 10_000;

/** Asks the daemon how its store is: the stream says only that it is away, not why, and nothing of one that takes no writes. */
export class StoreWatch {
  readonly #api: Api;
  #busy = false;
  #connection = '';
  /** The tiles of the plane; undefined: not known yet. */
  tiles: number | undefined;
  onChange: (store: StoreState) => void = () => undefined;

  constructor(options: { api: Api }) {
    this.#api = options.api;
  }

  start(): void {
    setInterval(() => void this.#refresh(), INTERVAL);
  }

  /** A connection that is in another state may have found out of the store what is not known here yet. */
  connectionIs(state: string): void {
    if (state === this.#connection) return;
    this.#connection = state;
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    if (this.#busy || document.hidden) return;
    this.#busy = true;
    const daemon = await this.#api.daemon().catch(() => undefined);
    this.#busy = false;
    if (!daemon) return;
    this.tiles = daemon.tiles;
    this.onChange(daemon.store);
  }
}
