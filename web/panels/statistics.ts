import { ApiError, type Api, type CompositorDetail } from '../page/api.ts';

const REFRESH_INTERVAL = 5000;
/** One compositor's health per interval: the panel must not cost more than the map. */
const HEALTH_INTERVAL = 1000;
/** Milliseconds from a change of the map to a reading: many changes share one. */
const SOON = 500;
/** Milliseconds at least from one reading to the next: on a busy map each viewer would read the list with each change. */
const PAUSE = 2000;
/** Reading the list is at most one part in this many of the time. */
const SHARE = 10;

export interface CompositorStatistics {
  readonly tiles: number;
  readonly lease?: { readonly ttl: number; readonly expiresAt: number };
  readonly latencyMs?: number;
  /** Its last check failed, though it may still count as connected. */
  readonly isFailing?: boolean;
}

export interface StatisticsOptions {
  readonly api: Api;
  readonly onChange: () => void;
  /** The tiles of each compositor, where the page itself knows all of the plane. */
  readonly counts?: () => ReadonlyMap<string, number> | undefined;
}

/** Facts about compositors that the stream does not carry: tiles on the whole plane, lease, latency. */
export class Statistics {
  readonly #options: StatisticsOptions;
  readonly #byId = new Map<string, CompositorStatistics>();
  readonly #latencies = new Map<string, number>();
  readonly #failing = new Set<string>();
  /** A list of ten thousand takes a while: it is not read all the time. Infinity: before the start, and while it is read. */
  #notBefore = Infinity;
  /** The map has changed since the list was last read. */
  #isDue = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** All compositors, as they were last read. */
  entries: readonly CompositorDetail[] = [];
  #past: Readonly<Record<string, number>> | undefined;
  #dialed: string[] = [];
  #next = 0;

  constructor(options: StatisticsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#notBefore = 0;
    setInterval(() => void this.#refresh(), REFRESH_INTERVAL);
    setInterval(() => void this.#askHealth(), HEALTH_INTERVAL);
    document.addEventListener('visibilitychange', () => void this.#refresh());
    void this.#refresh();
  }

  /** The map has changed: the list is read again soon, unless the page counts the tiles itself. */
  changed(): void {
    if (this.#options.counts?.()) return;
    this.#isDue = true;
    this.#schedule();
  }

  #schedule(): void {
    if (!this.#isDue || this.#timer !== undefined || this.#notBefore === Infinity) return;
    const wait = Math.max(SOON, Math.ceil(this.#notBefore - performance.now()));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#refresh();
    }, wait);
  }

  /** Shows the counts of a moment of the past; undefined: those of now. */
  show(past: Readonly<Record<string, number>> | undefined): void {
    this.#past = past;
    this.#options.onChange();
  }

  /** Whether it shows a moment of the past, of which it knows no leases and latencies. */
  get isPast(): boolean {
    return this.#past !== undefined;
  }

  of(id: string): CompositorStatistics | undefined {
    if (this.#past) return { tiles: this.#past[id] ?? 0 };
    const read = this.#byId.get(id);
    // What the page counts itself is as new as the map.
    const counts = this.#options.counts?.();
    return counts ? { ...read, tiles: counts.get(id) ?? 0 } : read;
  }

  /** The tiles of all compositors, now. */
  get total(): number {
    let total = 0;
    for (const { tiles } of this.#byId.values()) total += tiles;
    return total;
  }

  async #refresh(): Promise<void> {
    const began = performance.now();
    if (document.hidden || began < this.#notBefore) return;
    this.#notBefore = Infinity;
    this.#isDue = false;
    const items = await this.#options.api.compositors().catch(() => undefined);
    const now = performance.now();
    this.#notBefore = now + Math.max(PAUSE, SHARE * (now - began));
    this.#schedule();
    if (!items) return;
    this.entries = items;
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
      ...(this.#failing.has(id) && { isFailing: true }),
    };
  }

  async #askHealth(): Promise<void> {
    const id = this.#dialed[this.#next++ % Math.max(1, this.#dialed.length)];
    if (id === undefined || document.hidden) return;
    try {
      const { latencyMs, failures = 0 } = await this.#options.api.health(id);
      if (failures > 0) this.#failing.add(id);
      else this.#failing.delete(id);
      if (typeof latencyMs === 'number') this.#latencies.set(id, latencyMs);
      else this.#latencies.delete(id);
    } catch (error) {
      // 404: the compositor has left. The status indicator shows other errors.
      if (error instanceof ApiError && error.status === 404) this.#latencies.delete(id);
    }
  }
}
