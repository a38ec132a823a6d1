import { boundsOf, type Rectangle } from '../map/rectangle.ts';
import { ApiError } from '../page/api.ts';
import type { DetailsApi } from './details-api.ts';

/** Milliseconds before it asks again after an error, and at least between two flights. */
const RETRY = 2000;
const PAUSE = 700;

/** Follows a compositor: says where its tiles change, anywhere on the plane, until it is closed. */
export class Follower {
  readonly id: string;
  readonly #abort = new AbortController();
  readonly #api: DetailsApi;
  readonly #onChange: (where: Rectangle) => void;

  constructor(options: {
    id: string;
    api: DetailsApi;
    /** The newest commit that is known. */
    cursor: string;
    onChange: (where: Rectangle) => void;
  }) {
    this.id = options.id;
    this.#api = options.api;
    this.#onChange = options.onChange;
    void this.#run(options.cursor);
  }

  close(): void {
    this.#abort.abort();
  }

  async #run(from: string): Promise<void> {
    const { signal } = this.#abort;
    for (let since = from; !signal.aborted;) {
      try {
        const { cursor, tiles } = await this.#api.changes(this.id, since, signal);
        since = cursor;
        const set = Object.entries(tiles).filter(([, tile]) => tile !== null);
        const where = boundsOf(set.map(([key]) => key));
        if (where) {
          this.#onChange(where);
          await this.#wait(PAUSE);
        }
      } catch (error) {
        if (error instanceof ApiError && error.status === 410) since = (await this.#head()) ?? since;
        await this.#wait(RETRY);
      }
    }
  }

  /** After a cursor that was trimmed it goes on with what happens from now on. */
  async #head(): Promise<string | undefined> {
    return this.#api.head().catch(() => undefined);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }
}
