import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { DomainError } from '../../domain/errors.ts';
import { isLeased, type LeaseTerm } from '../../domain/lease.ts';
import type { Logger } from '../../domain/logger.ts';
import type { LeaseExpirer } from '../compositors/lease-expirer.ts';
import type { Registry } from '../compositors/registry.ts';

export interface LinkLeasesOptions {
  readonly leases: Pick<LeaseExpirer, 'renewAll'>;
  readonly registry: Pick<Registry, 'renew'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** The compositors whose connection is here and answers. */
  readonly alive: () => Iterable<Compositor>;
}

/** Milliseconds between two looks: less than a third of the shortest TTL, a second. */
const INTERVAL = 300;
/** The part of its TTL after which a lease is renewed: two renewals may fail. */
const RENEW_AFTER = 1 / 3;

/** Renews the leases of compositors while their connections last and answer, whoever opened them: many in one round trip. */
export class LinkLeases {
  readonly #options: LinkLeasesOptions;
  /** By id: which lease was renewed, and when by the monotonic clock. */
  #renewed = new Map<string, { readonly generation: string; readonly at: number }>();
  #renewing = false;
  #stop: () => void = () => undefined;

  constructor(options: LinkLeasesOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, log } = this.#options;
    this.#stop = repeat(clock, INTERVAL, () => {
      if (this.#renewing) return;
      this.#renewing = true;
      this.#renewDue()
        // The store is away, or a registration has just ended; the next look tries again.
        .catch((error: unknown) => {
          if (!(error instanceof DomainError))
            log.error({ err: error }, 'cannot renew the leases of connections');
        })
        .finally(() => (this.#renewing = false));
    });
  }

  stop(): void {
    this.#stop();
  }

  async #renewDue(): Promise<void> {
    const { leases, registry, clock, alive } = this.#options;
    const now = clock.monotonic();
    const before = this.#renewed;
    this.#renewed = new Map();
    const due: LeaseTerm[] = [];
    for (const entry of alive()) {
      if (!isLeased(entry)) continue;
      const { id, generation, ttl } = entry;
      const last = before.get(id);
      if (last?.generation === generation && now - last.at < ttl * 1000 * RENEW_AFTER)
        this.#renewed.set(id, last);
      else due.push({ id, generation, ttl });
    }
    if (due.length === 0) return;
    const found = await leases.renewAll(due);
    for (const [i, { id, generation }] of due.entries()) {
      // A store that does not know the lease gets it in a commit.
      if (!found[i]) await registry.renew(id, generation);
      this.#renewed.set(id, { generation, at: now });
    }
  }
}
