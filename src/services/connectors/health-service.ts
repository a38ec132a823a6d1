import type { Clock } from '../../domain/clock.ts';
import type { Health } from '../../domain/health.ts';
import { targetOf } from '../../domain/connection-status.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';
import type { Replica } from '../manifest/replica.ts';

export interface HealthDeskOptions {
  readonly replica: Replica;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  /** As this replica's own connector sees it; undefined when it holds none. */
  readonly here: (id: string) => Omit<Health, 'holder'> | undefined;
  readonly holderOf: (id: string) => Promise<string | undefined>;
}

/** Milliseconds for another replica to say how a compositor is. */
const PATIENCE = 1000;

/** The topic of its requests on the peer bus. */
const HEALTH = 'supervisor.health';

/** Says how a compositor is, whichever replica watches it. */
export class HealthService {
  readonly #options: HealthDeskOptions;

  constructor(options: HealthDeskOptions) {
    this.#options = options;
  }

  /** Answers the other replicas, until the function that it gives is called. */
  start(): () => void {
    return this.#options.peerBus.handle(
      HEALTH,
      async (message) => this.#here(String((message as { id?: unknown }).id)) ?? null,
    );
  }

  /** How `id` is, as its connector sees it; when that cannot be told, what the manifest says. */
  async of(id: string): Promise<Health> {
    const { replica, peerBus, clock, holderOf } = this.#options;
    const here = this.#here(id);
    if (here) return here;
    const entry = replica.manifest.compositor(id);
    if (!targetOf(entry)) return { state: 'none', failures: 0 };
    const fallback: Health = { state: entry?.link ?? 'connecting', failures: 0 };
    const controller = new AbortController();
    const { signal } = controller;
    const cancel = clock.after(PATIENCE, () => controller.abort());
    try {
      // A store that stands still answers far too late, and the manifest is here.
      const late = new Promise<undefined>((resolve) =>
        signal.addEventListener('abort', () => resolve(undefined)),
      );
      const holder = await Promise.race([holderOf(id), late]);
      if (holder === undefined || holder === peerBus.self) return fallback;
      const told = await peerBus.request(holder, HEALTH, { id }, signal);
      return (told as Health | null) ?? fallback;
    } catch {
      // The holder has just died, or the store is away: whoever asks shall know the little there is.
      return fallback;
    } finally {
      cancel();
    }
  }

  #here(id: string): Health | undefined {
    const health = this.#options.here(id);
    return health && { ...health, holder: this.#options.peerBus.self };
  }
}
