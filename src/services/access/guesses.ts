import { clientGroup } from '../../domain/client-group.ts';
import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';

/** Wrong tokens that an address may try within the window. */
const ALLOWED = 30;
/** Milliseconds. */
const WINDOW = 60_000;
/** The most addresses remembered; beyond, the oldest is forgotten. */
const REMEMBERED = 10_000;

/** Slows those down who try out tokens: after some wrong ones, an address has to wait. */
export class Guesses {
  /** How many were refused for the wrong ones before them. */
  refused = 0;
  readonly #clock: Clock;
  /** By {@link clientGroup}: whoever has an IPv6 network has addresses without end. The oldest come first. */
  readonly #wrong = new Map<string, { count: number; readonly endsAt: number }>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Throws `rate-limited` when too many tokens from this address were wrong of late. */
  requireFew(address: string): void {
    const wrong = this.#recent(address);
    if (!wrong || wrong.count < ALLOWED) return;
    this.refused += 1;
    const retryAfter = Math.ceil((wrong.endsAt - this.#clock.monotonic()) / 1000);
    throw new DomainError('rate-limited', 'too many wrong tokens came from this address', { retryAfter });
  }

  countWrong(address: string): void {
    const wrong = this.#recent(address);
    if (wrong) {
      wrong.count += 1;
      return;
    }
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size >= REMEMBERED && oldest !== undefined) this.#wrong.delete(oldest);
    this.#wrong.set(clientGroup(address), { count: 1, endsAt: this.#clock.monotonic() + WINDOW });
  }

  #recent(address: string): { count: number; readonly endsAt: number } | undefined {
    const client = clientGroup(address);
    const wrong = this.#wrong.get(client);
    if (!wrong || this.#clock.monotonic() < wrong.endsAt) return wrong;
    this.#wrong.delete(client);
    return undefined;
  }
}
