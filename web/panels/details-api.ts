import type { Area, Compositor, Region, Tile } from '../../src/client/client.ts';
import type { Api, Commit, CompositorDetail, Manifest } from '../page/api.ts';
import { cellsOf } from '../map/aim.ts';
import { boundsOf, textOf, type Rectangle } from '../map/rectangle.ts';

/** One of `GET /manifest/history?cell=`. */
export interface CellCommit extends Commit {
  /** What it left in the cell, and what was there before; null: nothing. */
  readonly tile: Tile | null;
  readonly before: Tile | null;
}

export interface CommitPage<T extends Commit> {
  readonly items: readonly T[];
  readonly next: string | null;
  /** What was asked for to get exactly these: the cursor before which they end. Undefined: they end with the newest. */
  readonly after?: string;
}

export interface HealthDetail {
  readonly state: string;
  readonly changedAt?: string;
  readonly checkedAt?: string;
  readonly latencyMs?: number;
  readonly failures: number;
  readonly lastError?: string;
  readonly lastErrorAt?: string;
}

/** `GET /compositors/{id}`. */
export interface CompositorWithHealth extends CompositorDetail {
  readonly health?: HealthDetail;
}

export interface RegionDetail extends Region {
  readonly lease?: { readonly expiresAt: string };
}

/** The part of `GET /manifest/changes` that the page uses. */
export interface Changes {
  readonly cursor: string;
  readonly tiles: Readonly<Record<string, Tile | null>>;
  readonly compositors: Readonly<Record<string, Compositor | null>>;
}

/** Commits of a cell, or of a compositor, that are read at once. */
const COMMITS = 100;
/** Of more tiles of a commit the page asks for areas, to find where they are. */
const MANY_TILES = 1000;

/** What the panel for a tile, an area, a compositor or a region reads. `at`: the moment shown, a cursor; undefined: now. */
export class DetailsApi {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** What is in a cell. */
  async tile(cell: string, at: string | undefined): Promise<Tile | null> {
    const manifest = await this.#api.manifest({ view: `${cell},${cell}`, ...(at !== undefined && { at }) });
    return manifest.tiles[cell] ?? null;
  }

  /** The tiles of a rectangle as areas of this zoom. */
  async areas(rect: Rectangle, zoom: number, at: string | undefined): Promise<readonly Area[]> {
    const query = { view: textOf(rect), zoom: String(zoom), ...(at !== undefined && { at }) };
    const { areas } = await this.#api.get<{ areas: Readonly<Record<string, Area>> }>(
      `/manifest?${new URLSearchParams(query).toString()}`,
    );
    return Object.values(areas);
  }

  /** The tiles of a rectangle. */
  manifest(rect: Rectangle, at: string | undefined): Promise<Manifest> {
    return this.#api.manifest({ view: textOf(rect), ...(at !== undefined && { at }) });
  }

  cellHistory(cell: string, after?: string): Promise<CommitPage<CellCommit>> {
    return this.#history<CellCommit>({ cell }, after);
  }

  commitsOf(id: string, after?: string): Promise<CommitPage<Commit>> {
    return this.#history<Commit>({ by: id }, after);
  }

  /** Around the tiles of a compositor that a commit changed, a little wide where there are many; undefined: there are none, or it is not known. */
  async changedBy(id: string, { cursor, tiles }: Commit): Promise<Rectangle | undefined> {
    const [before] = await this.#api.historyBefore(cursor, 1);
    // Of the oldest commit it is not known what was there before.
    if (!before) return undefined;
    const { areas, zoom } = await this.#api.comparison({
      ...{ since: before.cursor, to: cursor, compositor: id },
      zoom: tiles > MANY_TILES ? '5' : '0',
    });
    const around = boundsOf(Object.keys(areas));
    return around && cellsOf(around, zoom);
  }

  compositor(id: string): Promise<CompositorWithHealth> {
    return this.#api.get<CompositorWithHealth>(`/compositors/${id}`);
  }

  region(id: string): Promise<RegionDetail> {
    return this.#api.get<RegionDetail>(`/regions/${id}`);
  }

  /** What changed of the tiles of a compositor; waits for a first change. */
  changes(id: string, since: string, signal: AbortSignal): Promise<Changes> {
    const query = new URLSearchParams({ compositor: id, since, wait: '25' });
    return this.#api.get<Changes>(`/manifest/changes?${query.toString()}`, signal);
  }

  /** The newest cursor. */
  async head(): Promise<string | undefined> {
    const { items } = await this.#api.get<CommitPage<Commit>>('/manifest/history?limit=1');
    return items[0]?.cursor;
  }

  #history<T extends Commit>(
    filter: Record<string, string>,
    after: string | undefined,
  ): Promise<CommitPage<T>> {
    const query = { ...filter, limit: String(COMMITS), ...(after !== undefined && { after }) };
    return this.#api.get<CommitPage<T>>(`/manifest/history?${new URLSearchParams(query).toString()}`);
  }
}
