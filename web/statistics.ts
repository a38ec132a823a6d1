import { ApiError, type Api, type CompositorDetail } from './api.ts';

const REFRESH_INTERVAL = 5000;
/** One compositor's health per interval: the panel must not cost more than the map. */
const HEALTH_INTERVAL = 1000;

export interface CompositorStatistics {
  readonly tiles: number;
  readonly lease?: { readonly ttl: number; readonly expiresAt: number };
  readonly latencyMs?: number;
}

export interface StatisticsOptions {
  readonly api: Api;
  readonly onChange: () => void;
}

/** Facts about compositors that the stream does not carry: tiles on the whole plane, lease, latency. */
export class Statistics {
  readonly #options: StatisticsOptions;
  readonly #byId = new Map<string, CompositorStatistics>();
  readonly #latencies = new Map<string, number>();
  #dialed: string[] = [];
  #next = 0;

  constructor(options: StatisticsOptions) {
    this.#options = options;
  }

  start(): void {
    setInterval(() => void this.#refresh(), REFRESH_INTERVAL);
    setInterval(() => void this.#askHealth(), HEALTH_INTERVAL);
    document.addEventListener('visibilitychange', () => void this.#refresh());
    void this.#refresh();
  }

  of(id: string): CompositorStatistics | undefined {
    return this.#byId.get(id);
  }

  async #refresh(): Promise<void> {
    if (document.hidden) return;
    const items = await this.#options.api.compositors().catch(() => undefined);
    if (!items) return;
    this.#byId.clear();
    for (const item of items) this.#byId.set(item.id, this.#knownOf(item));
    this.#dialed = items.filter(({ address }) => address !== undefined).map(({ id }) => id);
    this.#options.onChange();
  }

  #knownOf({ id, tiles, lease }: CompositorDetail): CompositorStatistics {
    const latencyMs = this.#latencies.get(id);
    return {
      tiles,
      ...(lease && { lease: { ttl: lease.ttl, expiresAt: Date.parse(lease.expiresAt) } }),
      ...(latencyMs !== undefined && { latencyMs }),
    };
  }

  async #askHealth(): Promise<void> {
    const id = this.#dialed[this.#next++ % Math.max(1, this.#dialed.length)];
    if (id === undefined || document.hidden) return;
    try {
      const { latencyMs } = await this.#options.api.health(id);
      if (typeof latencyMs === 'number') this.#latencies.set(id, latencyMs);
      else this.#latencies.delete(id);
    } catch (error) {
      // 404: the compositor has left. The status indicator shows other errors.
      if (error instanceof ApiError && error.status === 404) this.#latencies.delete(id);
    }
  }
}
