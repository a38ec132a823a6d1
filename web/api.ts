import type { Compositor, Tile } from '../src/client/client.ts';

/** A response with an error status. */
export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

/** One of `GET /compositors`. */
export interface CompositorDetail extends Compositor {
  readonly tiles: number;
  readonly address?: string;
  readonly lease?: { readonly ttl: number; readonly expiresAt: string };
}

export interface Health {
  readonly state?: string;
  readonly latencyMs?: number | null;
}

export interface Manifest {
  readonly cursor: string;
  readonly revision: number;
  readonly compositors: Readonly<Record<string, Compositor>>;
  readonly tiles: Readonly<Record<string, Tile>>;
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
}

/** `GET /manifest?zoom=`. */
export interface Overview {
  readonly areas: Readonly<Record<string, unknown>>;
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
    return this.#get<Manifest>(`/manifest?${new URLSearchParams(query).toString()}`);
  }

  /** Areas of 2^zoom x 2^zoom cells. */
  overview(query: Record<string, string>): Promise<Overview> {
    return this.#get<Overview>(`/manifest?${new URLSearchParams(query).toString()}`);
  }

  search(query: Record<string, string>): Promise<Found> {
    return this.#get<Found>(`/manifest/search?${new URLSearchParams(query).toString()}`);
  }

  compositors(): Promise<CompositorDetail[]> {
    return this.#all<CompositorDetail>('/compositors?details=true&limit=1000', 12);
  }

  health(id: string): Promise<Health> {
    return this.#get<Health>(`/compositors/${id}/health`);
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

  /** Reads page by page, until an item is `last`. */
  async #all<T>(path: string, pages: number, last: (item: T) => boolean = () => false): Promise<T[]> {
    const items: T[] = [];
    for (let after = ''; pages > 0; pages--) {
      const page: Page<T> = await this.#get<Page<T>>(path + after);
      items.push(...page.items);
      if (page.next === null || page.items.some(last)) break;
      after = `&after=${encodeURIComponent(page.next)}`;
    }
    return items;
  }

  async #get<T>(path: string): Promise<T> {
    const reply = await fetch(this.#base + path);
    if (reply.ok) return (await reply.json()) as T;
    if (reply.status === 401) this.#onUnauthorized();
    const problem = (await reply.json().catch(() => ({}))) as { detail?: string };
    throw new ApiError(reply.status, problem.detail ?? `HTTP ${reply.status}`);
  }
}
