import type { Changes, Compositor, Tile } from './entry.ts';
import type { Frame } from './sse-parser.ts';
import { tileHash } from './tile-hash.ts';

/** What a `synced` says. */
export interface Sign {
  readonly revision: number;
  /** When it was sent, RFC 3339. */
  readonly time: string;
  /** The server has lost its store: this is the last known good. */
  readonly degraded: boolean;
  readonly digest: string | null;
}

/** What a frame said beside entries. */
export interface Word {
  readonly sign?: Sign | undefined;
  /** When what it brings was committed, RFC 3339. */
  readonly time?: string | undefined;
}

/** What is new in the copy since it was last asked. */
export interface News {
  /** A snapshot came: everything may be new, and `changes` are only what came after it. */
  readonly anew: boolean;
  readonly changes: Changes;
}

interface Data {
  compositors: Record<string, Compositor | null>;
  tiles: Record<string, Tile | null>;
  time?: string;
}

/** A reader's copy by the seven rules of openapi/event-stream.md. Does no I/O. */
export class WireCopy {
  readonly compositors = new Map<string, Compositor>();
  readonly tiles = new Map<string, Tile>();
  /** What to send as `Last-Event-ID`, verbatim. */
  id: string | undefined;
  exact = false;
  /** Of the tiles' hashes; undefined until somebody asks: for a part of the plane the server says no digest. */
  #sum: number | undefined;
  #anew = false;
  #changes = { compositors: new Map<string, Compositor | null>(), tiles: new Map<string, Tile | null>() };

  /** Of the tiles, as the server says it in `synced`. */
  get digest(): string {
    if (this.#sum === undefined) {
      this.#sum = 0;
      for (const [key, tile] of this.tiles) this.#add(tileHash(key, tile));
    }
    return `${this.tiles.size}-${(this.#sum >>> 0).toString(16).padStart(8, '0')}`;
  }

  /** Takes what was read elsewhere, exact at `id`. */
  seed(id: string, compositors: Iterable<[string, Compositor]>, tiles: Iterable<[string, Tile]>): void {
    for (const [key, tile] of tiles) this.#putTile(key, tile);
    for (const [key, entry] of compositors) this.compositors.set(key, entry);
    this.id = id;
    this.exact = true;
  }

  /** Throws on data that is none: then the copy is worth nothing. */
  take({ event, data, id }: Frame): Word {
    let word: Word = {};
    if (data !== undefined) {
      if (event === 'snapshot') this.#clear();
      if (event === 'snapshot' || event === 'patch') {
        const patch = JSON.parse(data) as Data;
        this.#put(patch);
        word = { time: patch.time };
        // A part, until an id says otherwise.
        this.exact = false;
      }
      if (event === 'synced') word = { sign: JSON.parse(data) as Sign };
    }
    if (id !== undefined) {
      this.id = id;
      this.exact = !id.includes('~');
    }
    return word;
  }

  /** Hands over what is new, and forgets it. */
  news(): News {
    const news = { anew: this.#anew, changes: this.#changes };
    this.#anew = false;
    this.#changes = { compositors: new Map(), tiles: new Map() };
    return news;
  }

  #clear(): void {
    this.compositors.clear();
    this.tiles.clear();
    this.#sum = undefined;
    this.news();
    this.#anew = true;
    // Should its own id be missing, the old one must not call half a map exact.
    this.id = undefined;
  }

  #put({ compositors, tiles }: Data): void {
    for (const [id, entry] of Object.entries(compositors)) {
      if (entry) this.compositors.set(id, entry);
      else this.compositors.delete(id);
      if (!this.#anew) this.#changes.compositors.set(id, entry);
    }
    for (const [key, tile] of Object.entries(tiles)) {
      this.#putTile(key, tile);
      if (!this.#anew) this.#changes.tiles.set(key, tile);
    }
  }

  #putTile(key: string, tile: Tile | null): void {
    const before = this.tiles.get(key);
    if (this.#sum !== undefined) {
      if (before) this.#add(-tileHash(key, before));
      if (tile) this.#add(tileHash(key, tile));
    }
    if (tile) this.tiles.set(key, tile);
    else this.tiles.delete(key);
  }

  #add(hash: number): void {
    // Kept small: past 2^53 a sum would lose its last digits.
    this.#sum = (this.#sum! + hash) | 0;
  }
}
