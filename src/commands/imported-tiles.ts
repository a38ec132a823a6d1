import { isLater, type FileTile } from '../domain/file-tile.ts';
import { tileBodies } from './fleet.ts';
import { RequestRejected, type RetryingClient } from './http-client.ts';

export interface ImportCounts {
  /** Tiles of the file. */
  read: number;
  /** Those that were set, or would be. */
  changed: number;
  /** Those that the map had when they were sent, such as by a request whose reply was lost. */
  present: number;
  /** Those that are not newer than what the map has. */
  older: number;
  /** Those that the daemon did not take. */
  refused: number;
}

/** Tiles that are sent together: as many as one request may have. */
const TOGETHER = 10_000;

interface ImportedTilesOptions {
  readonly client: RetryingClient;
  /** The compositor for which they are published. */
  readonly id: string;
  /** The timestamps of the map's tiles. */
  readonly present: ReadonlyMap<string, number>;
  /** Only counts. */
  readonly isDry: boolean;
}

/** Publishes the tiles of a file, in requests as large as the daemon takes. */
export class ImportedTiles {
  readonly counts: ImportCounts = { read: 0, changed: 0, present: 0, older: 0, refused: 0 };
  readonly #options: ImportedTilesOptions;
  #waiting = new Map<string, FileTile>();

  constructor(options: ImportedTilesOptions) {
    this.#options = options;
  }

  /** Takes more tiles, and sends those that make a request. */
  async add(tiles: ReadonlyMap<string, FileTile>): Promise<void> {
    for (const [key, tile] of tiles) {
      this.counts.read += 1;
      const present = this.#options.present.get(key);
      if (present !== undefined && !isLater(tile.timestamp, present)) this.counts.older += 1;
      else this.#waiting.set(key, tile);
    }
    if (this.#waiting.size >= TOGETHER) await this.end();
  }

  /** Sends the rest. */
  async end(): Promise<void> {
    const tiles = [...this.#waiting];
    this.#waiting = new Map();
    if (tiles.length === 0) return;
    if (this.#options.isDry) this.counts.changed += tiles.length;
    else for (const body of tileBodies(tiles)) await this.#send(body);
  }

  /** Sends the tiles in `body`; those that the daemon names as refused are left out, and the others sent again. */
  async #send(body: string): Promise<void> {
    const { client, id } = this.#options;
    let rest = JSON.parse(body) as Record<string, FileTile>;
    for (;;) {
      const count = Object.keys(rest).length;
      if (count === 0) return;
      try {
        const reply = await client.send(`/compositors/${id}/tiles`, { method: 'PATCH', body: rest });
        // It counts the compositor, too, when that is not stale any more.
        const changed = Math.min((reply.body as { changed: number }).changed, count);
        this.counts.changed += changed;
        this.counts.present += count - changed;
        return;
      } catch (error) {
        const left = error instanceof RequestRejected ? withoutRefused(rest, error) : rest;
        const refused = count - Object.keys(left).length;
        if (refused === 0) throw error;
        this.counts.refused += refused;
        rest = left;
      }
    }
  }
}

/** The tiles that a problem does not name: in its `errors`, of which there are few, or in its `regions`. */
function withoutRefused(
  tiles: Readonly<Record<string, FileTile>>,
  { reply }: RequestRejected,
): Record<string, FileTile> {
  const { errors = [], regions = [] } = (reply.body ?? {}) as {
    errors?: readonly { field?: unknown }[];
    regions?: readonly { rect?: unknown }[];
  };
  const named = new Set(errors.map(({ field }) => String(field).split('/')[1]));
  const rects = regions.map(({ rect }) => String(rect).split(',').map(Number));
  const isBarred = (key: string) => {
    const [x = 0, y = 0] = key.split(',').map(Number);
    return rects.some(([x1 = 0, y1 = 0, x2 = -1, y2 = -1]) => x >= x1 && x <= x2 && y >= y1 && y <= y2);
  };
  return Object.fromEntries(Object.entries(tiles).filter(([key]) => !named.has(key) && !isBarred(key)));
}
