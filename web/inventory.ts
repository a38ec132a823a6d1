import { ApiError, type Api, type CompositorDetail } from './api.ts';

const EVERY = 5000;
/** One compositor's health at a time: a panel must not cost more than the map. */
const HEALTH_EVERY = 1000;

export interface Known {
  readonly tiles: number;
  readonly lease?: { readonly ttl: number; readonly expiresAt: number };
  readonly latencyMs?: number;
}

/** What the stream does not say of compositors: how many tiles on the whole plane, their leases, how fast they answer. */
export class Inventory {
  readonly #api: Api;
  readonly #onChange: () => void;
  readonly #known = new Map<string, Known>();
  readonly #latencies = new Map<string, number>();
  #linked: string[] = [];
  #next = 0;
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(options: { api: Api; onChange: () => void }) {
    this.#api = options.api;
    this.#onChange = options.onChange;
  }

  start(): void {
    this.#timers = [
      setInterval(() => void this.refresh(), EVERY),
      setInterval(() => void this.#askHealth(), HEALTH_EVERY),
    ];
    document.addEventListener('visibilitychange', () => void this.refresh());
    void this.refresh();
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  of(id: string): Known | undefined {
    return this.#known.get(id);
  }

  async refresh(): Promise<void> {
    if (document.hidden) return;
    const items = await this.#api.compositors().catch(() => undefined);
    if (!items) return;
    this.#known.clear();
    for (const item of items) this.#known.set(item.id, this.#knownOf(item));
    this.#linked = items.filter(({ address }) => address !== undefined).map(({ id }) => id);
    this.#onChange();
  }

  #knownOf({ id, tiles, lease }: CompositorDetail): Known {
    const latencyMs = this.#latencies.get(id);
    return {
      tiles,
      ...(lease && { lease: { ttl: lease.ttl, expiresAt: Date.parse(lease.expiresAt) } }),
      ...(latencyMs !== undefined && { latencyMs }),
    };
  }

  async #askHealth(): Promise<void> {
    const id = this.#linked[this.#next++ % Math.max(1, this.#linked.length)];
    if (id === undefined || document.hidden) return;
    try {
      const { latencyMs } = await this.#api.health(id);
      if (typeof latencyMs === 'number') this.#latencies.set(id, latencyMs);
      else this.#latencies.delete(id);
    } catch (error) {
      // It left meanwhile; anything else is the connection light's matter.
      if (error instanceof ApiError && error.status === 404) this.#latencies.delete(id);
    }
  }
}
