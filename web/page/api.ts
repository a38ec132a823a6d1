import type { Area, Compositor, Region, Tile } from '../../src/client/client.ts';

/** A response with an error status. */
export class ApiError extends Error {
  readonly status: number;
  /** Of `cursor-gone`: the oldest cursor that is still known. */
  readonly oldest: string | undefined;

  constructor(status: number, { detail = `HTTP ${status}`, oldest }: { detail?: string; oldest?: string }) {
    super(detail);
    this.status = status;
    this.oldest = oldest;
  }
}

/** Why something could not be read, for people: whatever else fails, nobody answered. */
export function reasonOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'the daemon does not answer';
}

/** One of `GET /compositors`. */
export interface CompositorDetail extends Compositor {
  readonly tiles: number;
  readonly address?: string;
  readonly lease?: { readonly ttl: number; readonly expiresAt: string };
}

/** The part of `GET /health` that the page uses. */
export interface Daemon {
  readonly store: { readonly state: string; readonly reason: string | null };
  /** On the whole plane. */
  readonly tiles: number;
}

export interface Health {
  readonly state?: string;
  readonly latencyMs?: number | null;
  readonly failures?: number;
}

export interface Manifest {
  readonly cursor: string;
  readonly revision: number;
  readonly committedAt: string | null;
  readonly compositors: Readonly<Record<string, Compositor>>;
  /** Absent: none. */
  readonly regions?: Readonly<Record<string, Region>>;
  readonly tiles: Readonly<Record<string, Tile>>;
}

/** The same with a zoom or without one: it has areas, or tiles. */
export interface ManifestOrOverview extends Omit<Manifest, 'tiles'> {
  readonly tiles?: Manifest['tiles'];
  readonly areas?: Readonly<Record<string, Area>>;
}

/** `GET /manifest/counts`. */
export interface Counts {
  readonly total: number;
  readonly compositors: Readonly<Record<string, number>>;
}

/** How many cells, compositors or regions differ between two moments. */
export interface Differences {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/** What became of a compositor or a region. */
export interface EntryDifference {
  readonly id: string;
  readonly change: keyof Differences;
  /** Of one that changed: what differs. */
  readonly fields?: readonly string[];
}

export interface CompositorDifference extends EntryDifference {
  readonly name: string;
}

export interface RegionDifference extends EntryDifference {
  readonly rect: string;
  readonly compositor: string;
  readonly purpose: string;
}

/** How many differ, and the first of them. */
export interface EntryDifferences<T extends EntryDifference> {
  readonly total: Differences;
  readonly items: readonly T[];
}

/** `GET /manifest/comparison`. */
export interface ComparisonReply {
  /** Of the areas: as requested, or larger when very much differs. */
  readonly zoom: number;
  readonly total: Differences;
  readonly compositors: Readonly<Record<string, Differences>>;
  readonly areas: Readonly<Record<string, Differences>>;
  readonly fleet: EntryDifferences<CompositorDifference>;
  readonly regions: EntryDifferences<RegionDifference>;
}

/** One of `GET /manifest/history`. */
export interface Commit {
  readonly cursor: string;
  readonly revision: number;
  readonly committedAt: string;
  readonly by: string | null;
  readonly origin: string;
  readonly compositors: number;
  readonly tiles: number;
  /** Absent in replies of an older daemon. */
  readonly regions?: number;
}

/** `GET /manifest?zoom=`. */
export interface Overview {
  readonly areas: Readonly<Record<string, Area>>;
  readonly compositors: Readonly<Record<string, Compositor>>;
}

/** `GET /manifest/search`. */
export interface Found {
  readonly items: readonly (Tile & { readonly cell: string })[];
}

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** The part of the daemon's REST API that the page uses. */
export class Api {
  readonly #base: string;
  readonly #onUnauthorized: () => void;

  constructor(options: { base: string; onUnauthorized: () => void }) {
    this.#base = options.base;
    this.#onUnauthorized = options.onUnauthorized;
  }

  manifest(query: Record<string, string>): Promise<Manifest> {
    return this.get<Manifest>(`/manifest?${new URLSearchParams(query).toString()}`);
  }

  manifestOrOverview(query: Record<string, string>): Promise<ManifestOrOverview> {
    return this.get<ManifestOrOverview>(`/manifest?${new URLSearchParams(query).toString()}`);
  }

  /** Areas of 2^zoom x 2^zoom cells. */
  overview(query: Record<string, string>): Promise<Overview> {
    return this.get<Overview>(`/manifest?${new URLSearchParams(query).toString()}`);
  }

  /** What differs between two cursors. */
  comparison(query: Record<string, string>): Promise<ComparisonReply> {
    return this.get<ComparisonReply>(`/manifest/comparison?${new URLSearchParams(query).toString()}`);
  }

  /** How many tiles each compositor had at a cursor. */
  counts(at: string): Promise<Counts> {
    return this.get<Counts>(`/manifest/counts?at=${at}`);
  }

  search(query: Record<string, string>): Promise<Found> {
    return this.get<Found>(`/manifest/search?${new URLSearchParams(query).toString()}`);
  }

  compositors(): Promise<CompositorDetail[]> {
    return this.#all<CompositorDetail>('/compositors?details=true&limit=1000', 100);
  }

  daemon(): Promise<Daemon> {
    return this.get<Daemon>('/health');
  }

  health(id: string): Promise<Health> {
    return this.get<Health>(`/compositors/${id}/health`);
  }

  /** The commits since `known`, newest first; up to 5,000 when `known` is not among the last 500. */
  async history(known: string | undefined): Promise<Commit[]> {
    const isKnown = ({ cursor }: Commit) => cursor === known;
    if (known !== undefined) {
      const recent = await this.#all<Commit>('/manifest/history?limit=100', 5, isKnown);
      if (recent.some(isKnown)) return recent;
    }
    // A page that was hidden for long may still find its position among these.
    return this.#all<Commit>('/manifest/history?limit=1000', 5, isKnown);
  }

  /** Sends a JSON document; with `token` on its behalf. Throws {@link ApiError}, and does not ask for a token. */
  async post<T>(path: string, body: unknown, token?: string): Promise<T> {
    const headers = {
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    return read<T>(await fetch(this.#base + path, { method: 'POST', headers, body: JSON.stringify(body) }));
  }

  /** A page of the commits before this one, newest first. */
  historyBefore(cursor: string, limit = 1000): Promise<Commit[]> {
    return this.#all<Commit>(`/manifest/history?limit=${limit}&after=${cursor}`, 1);
  }

  /** Reads page by page, until an item is `last`. */
  async #all<T>(path: string, pages: number, last: (item: T) => boolean = () => false): Promise<T[]> {
    const items: T[] = [];
    for (let after = ''; pages > 0; pages--) {
      const page: Page<T> = await this.get<Page<T>>(path + after);
      items.push(...page.items);
      if (page.next === null || page.items.some(last)) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    return items;
  }

  /** Reads a JSON document. Throws {@link ApiError}. */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const reply = await fetch(this.#base + path, signal && { signal });
    if (reply.status === 401) this.#onUnauthorized();
    return read<T>(reply);
  }
}

async function read<T>(reply: Response): Promise<T> {
  if (reply.ok) return (await reply.json()) as T;
  const problem = (await reply.json().catch(() => ({}))) as { detail?: string; oldest?: string };
  throw new ApiError(reply.status, problem);
}
