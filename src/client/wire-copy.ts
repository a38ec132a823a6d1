import type { Area, Entries, Patch, Compositor, Region, Tile } from './entries.ts';
import type { SseEvent } from './sse-parser.ts';
import { formatDigest, tileHash } from './tile-hash.ts';
import { hasCompositor, hasRegion, hasTile, viewOf, type View } from './view.ts';

/** The data of a `synced` event. */
export interface Heartbeat {
  readonly revision: number;
  /** When it was sent, RFC 3339. */
  readonly time: string;
  /** The server cannot reach its store: this is its last known state. */
  readonly degraded: boolean;
  readonly digest: string | null;
}

/** What a event said beside entries. */
export interface EventDetails {
  /** The stream shows another view from here on. */
  readonly view?: View | undefined;
  readonly heartbeat?: Heartbeat | undefined;
  /** When its entries were committed, RFC 3339. */
  readonly time?: string | undefined;
}

export interface PatchData {
  compositors: Record<string, Compositor | null>;
  /** Absent: none. */
  regions?: Record<string, Region | null>;
  tiles?: Record<string, Tile | null>;
  areas?: Record<string, Area | null>;
  time?: string;
}

/** A reader's copy of the manifest, kept by the seven rules of openapi/event-stream.md. Does no I/O. */
export class WireCopy {
  readonly compositors = new Map<string, Compositor>();
  readonly regions = new Map<string, Region>();
  readonly tiles = new Map<string, Tile>();
  readonly areas = new Map<string, Area>();
  /** The value for `Last-Event-ID`, verbatim. */
  id: string | undefined;
  exact = false;
  /** The sum of the tiles' hashes; undefined until the first use: the server may have no digest for a part of the plane. */
  #sum: number | undefined;
  #isSnapshot = false;
  #patch = noChanges();

  /** The digest of the tiles, in the form of `synced`. */
  get digest(): string {
    if (this.#sum === undefined) {
      this.#sum = 0;
      for (const [key, tile] of this.tiles) this.#add(tileHash(key, tile));
    }
    return formatDigest(this.tiles.size, this.#sum);
  }

  /** Starts from entries that are exact at `id`. */
  seed(id: string, { compositors, regions, tiles }: Entries): void {
    for (const [key, tile] of tiles) this.#putTile(key, tile);
    for (const [key, region] of regions) this.regions.set(key, region);
    for (const [key, entry] of compositors) this.compositors.set(key, entry);
    this.id = id;
    this.exact = true;
  }

  /** Applies one event. Throws on invalid data; the copy must not be used after that. */
  apply({ event, data, id }: SseEvent): EventDetails {
    let details: EventDetails = {};
    if (data !== undefined) {
      if (event === 'snapshot') this.#clear();
      if (event === 'snapshot' || event === 'patch') {
        const patch = JSON.parse(data) as PatchData;
        this.put(patch);
        details = { time: patch.time };
        // Only an id without `~` marks the copy as complete again.
        this.exact = false;
      }
      if (event === 'view') details = { view: this.#takeView(data) };
      if (event === 'synced') details = { heartbeat: JSON.parse(data) as Heartbeat };
    }
    if (id !== undefined) {
      this.id = id;
      this.exact = !id.includes('~');
    }
    return details;
  }

  /** Sets and removes entries, as a patch does, and leaves the id as it is. */
  put({ compositors, regions = {}, tiles = {}, areas = {} }: PatchData): void {
    this.#putAll(compositors, this.compositors, this.#patch.compositors);
    this.#putAll(regions, this.regions, this.#patch.regions);
    this.#putAll(areas, this.areas, this.#patch.areas);
    for (const [key, tile] of Object.entries(tiles)) {
      this.#putTile(key, tile);
      if (!this.#isSnapshot) this.#patch.tiles.set(key, tile);
    }
  }

  /** The changes since the last call. After a snapshot or another view the whole copy may be new, and `patch` holds only what came after it. */
  takeDelta(): { readonly isSnapshot: boolean; readonly patch: Patch } {
    const delta = { isSnapshot: this.#isSnapshot, patch: this.#patch };
    this.#isSnapshot = false;
    this.#patch = noChanges();
    return delta;
  }

  #clear(): void {
    this.compositors.clear();
    this.regions.clear();
    this.tiles.clear();
    this.areas.clear();
    this.#startOver();
  }

  #startOver(): void {
    this.#sum = undefined;
    this.takeDelta();
    this.#isSnapshot = true;
    this.exact = false;
    // The event's own id may be missing; the old id must not mark half a map as exact.
    this.id = undefined;
  }

  /** Forgets what the view does not show; what came into view follows. An overview follows as a snapshot. */
  #takeView(data: string): View {
    const { rect, compositors, zoom } = (
      JSON.parse(data) as { view: { rect: string | null; compositors: string[] | null; zoom?: number } }
    ).view;
    const view = viewOf(rect, compositors ?? undefined, zoom);
    for (const id of this.compositors.keys()) if (!hasCompositor(view, id)) this.compositors.delete(id);
    for (const [id, region] of this.regions) if (!hasRegion(view, region)) this.regions.delete(id);
    for (const [key, tile] of this.tiles) if (!hasTile(view, key, tile)) this.tiles.delete(key);
    this.areas.clear();
    this.#startOver();
    return view;
  }

  #putAll<T>(entries: Record<string, T | null>, copy: Map<string, T>, patch: Map<string, T | null>): void {
    for (const [key, entry] of Object.entries(entries)) {
      if (entry) copy.set(key, entry);
      else copy.delete(key);
      if (!this.#isSnapshot) patch.set(key, entry);
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
    // Kept to 32 bits: past 2^53 a sum would lose its last digits.
    this.#sum = (this.#sum! + hash) | 0;
  }
}

function noChanges() {
  return {
    compositors: new Map<string, Compositor | null>(),
    regions: new Map<string, Region | null>(),
    tiles: new Map<string, Tile | null>(),
    areas: new Map<string, Area | null>(),
  };
}
