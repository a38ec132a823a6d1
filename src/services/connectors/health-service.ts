import { withDeadline, withTimeout } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { isWatched } from '../../domain/compositor.ts';
import type { Health } from '../../domain/health.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { Replica } from '../manifest/replica.ts';

export interface HealthServiceOptions {
  readonly replica: Replica;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  /** The health that this replica's own connection sees; undefined when it has none. */
  readonly localHealth: (id: string) => Omit<Health, 'holder'> | undefined;
  readonly holderOf: (id: string) => Promise<string | undefined>;
}

/** Milliseconds for another replica to answer. */
const TIMEOUT = 1000;
/** The topic of requests on the peer bus. */
const TOPIC = 'supervisor.health';

/** Knows the health of every compositor, whichever replica holds the connection. */
export class HealthService {
  readonly #options: HealthServiceOptions;

  constructor(options: HealthServiceOptions) {
    this.#options = options;
  }

  /** Starts to answer other replicas; returns how to stop. */
  start(): () => void {
    return this.#options.peerBus.handle(
      TOPIC,
      async (message) => this.#local(String((message as { id?: unknown }).id)) ?? null,
    );
  }

  /** The health of `id` as its connection sees it; what the manifest says when the holder does not answer. */
  async of(id: string): Promise<Health> {
    const { replica, peerBus, clock, holderOf } = this.#options;
    const local = this.#local(id);
    if (local) return local;
    const entry = replica.copy.manifest.compositor(id);
    if (!entry || !isWatched(entry)) return { state: entry?.link ?? 'none', failures: 0 };
    const fallback: Health = { state: entry.link ?? 'connecting', failures: 0 };
    const ask = async (deadline: AbortSignal) => {
      const holder = await holderOf(id);
      return holder === undefined || holder === peerBus.self
        ? null
        : ((await peerBus.request(holder, TOPIC, { id }, deadline)) as Health | null);
    };
    try {
      // The second timeout is for a store that hangs: `holderOf` knows no deadline.
      const asked = withDeadline(clock, TIMEOUT, ask);
      return (await withTimeout(clock, TIMEOUT, asked, () => new Error('no answer'))) ?? fallback;
    } catch {
      // The holder has just died, or the store is away.
      return fallback;
    }
  }

  #local(id: string): Health | undefined {
    const health = this.#options.localHealth(id);
    return health && { ...health, holder: this.#options.peerBus.self };
  }
}
