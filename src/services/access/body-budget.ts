import type { Clock } from '../../domain/clock.ts';
import { DomainError } from '../../domain/errors.ts';

/** The part of all room that one client may take. */
const SHARE = 0.5;
/** Milliseconds that a body may take although others need its room: an honest one has arrived by then, unless its line is slow. */
const UNDISTURBED = 1000;

/** Room for one body that is being received. */
export interface BodyRoom {
  /** Takes `bytes` more. Throws `rate-limited` or `overloaded` when there are none. */
  grow(bytes: number): void;
  /** The body has arrived: it gives way to no other any more. */
  arrived(): void;
  /** Gives everything back. */
  close(): void;
}

interface Body {
  readonly clients: readonly string[];
  readonly begunAt: number;
  /** Ends it, for others. */
  readonly giveWay: (error: DomainError) => void;
  bytes: number;
}

/**
 * Bounds the memory of bodies that are being received, of all connections together and of each client: thousands of uploads that stop
 * before their last byte would otherwise hold a body each, for minutes. When there is no room, what has been on its way for longest gives way, since slow
 * uploads are those that fill it; what has just begun never does.
 */
export class BodyBudget {
  /** Bodies that got no room, or lost it; only grows. */
  refused = 0;
  /** Bytes taken now. */
  used = 0;
  readonly #total: number;
  readonly #clock: Clock;
  /** Those that may have to give way, the oldest first. */
  readonly #arriving = new Set<Body>();
  readonly #byClient = new Map<string, number>();

  /** `total` in bytes. */
  constructor(options: { total: number; clock: Clock }) {
    this.#total = options.total;
    this.#clock = options.clock;
  }

  /** Room for a body of `clients`; it takes none yet. `giveWay` is called at most once, when others need it. */
  open(clients: readonly string[], giveWay: (error: DomainError) => void): BodyRoom {
    const body: Body = { clients, begunAt: this.#clock.monotonic(), giveWay, bytes: 0 };
    this.#arriving.add(body);
    return {
      grow: (bytes) => this.#grow(body, bytes),
      arrived: () => void this.#arriving.delete(body),
      close: () => this.#close(body),
    };
  }

  #grow(body: Body, bytes: number): void {
    const most = this.#total * SHARE;
    if (body.clients.some((client) => (this.#byClient.get(client) ?? 0) + bytes > most)) {
      this.refused += 1;
      throw new DomainError('rate-limited', 'too many request bodies of this client are on their way', {
        retryAfter: 1,
      });
    }
    this.#makeRoom(body, bytes);
    this.#count(body, bytes);
  }

  #makeRoom(body: Body, bytes: number): void {
    for (const oldest of this.#arriving) {
      if (this.used + bytes <= this.#total) return;
      if (oldest === body || this.#clock.monotonic() - oldest.begunAt < UNDISTURBED) break;
      this.#close(oldest);
      this.refused += 1;
      oldest.giveWay(overloaded());
    }
    if (this.used + bytes <= this.#total) return;
    this.refused += 1;
    throw overloaded();
  }

  #close(body: Body): void {
    this.#arriving.delete(body);
    this.#count(body, -body.bytes);
  }

  #count(body: Body, bytes: number): void {
    if (bytes === 0) return;
    body.bytes += bytes;
    this.used += bytes;
    for (const client of body.clients) {
      const left = (this.#byClient.get(client) ?? 0) + bytes;
      if (left === 0) this.#byClient.delete(client);
      else this.#byClient.set(client, left);
    }
  }
}

function overloaded(): DomainError {
  return new DomainError('overloaded', 'too many request bodies are on their way', { retryAfter: 1 });
}
