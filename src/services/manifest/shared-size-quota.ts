import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { isObject } from '../../domain/json.ts';
import type { Logger } from '../../domain/logger.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';

interface SharedSizeQuotaOptions {
  /** `quota.bytes` of this replica: what it was set to, or has room for. */
  readonly own: number;
  readonly peerBus: PeerBus;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'info'>;
}

const TOPIC = 'quota.bytes';
/** Milliseconds between two messages of a replica. */
const INTERVAL = 10_000;
/** Milliseconds after which a replica that says nothing counts no more. */
const FORGET = 3 * INTERVAL;

/**
 * `quota.bytes` where several replicas hold one manifest: the least that any of them has. Each holds everything, so what one with more memory
 * let in would end one with less.
 */
export class SharedSizeQuota {
  readonly #options: SharedSizeQuotaOptions;
  /** What the other replicas have, and until when it counts. */
  readonly #others = new Map<string, { readonly bytes: number; readonly until: number }>();
  readonly #ends: (() => void)[] = [];
  #logged: number;

  constructor(options: SharedSizeQuotaOptions) {
    this.#options = options;
    this.#logged = options.own;
  }

  start(): void {
    const { peerBus, clock } = this.#options;
    const tell = () => this.#publish(this.#options.own);
    this.#ends.push(
      peerBus.subscribe(TOPIC, (message) => this.#hear(message)),
      repeat(clock, INTERVAL, tell),
    );
    tell();
  }

  /** The other replicas need not wait until it is forgotten. */
  stop(): void {
    for (const end of this.#ends.splice(0)) end();
    this.#publish(null);
  }

  get bytes(): number {
    const now = this.#options.clock.monotonic();
    let least = this.#options.own;
    for (const { bytes, until } of this.#others.values()) if (until > now) least = Math.min(least, bytes);
    return least;
  }

  #hear(message: unknown): void {
    const { replica, bytes } = isObject(message) ? message : {};
    const { peerBus, clock } = this.#options;
    if (typeof replica !== 'string' || replica === peerBus.self) return;
    if (bytes === null) this.#others.delete(replica);
    if (!Number.isSafeInteger(bytes)) return this.#log();
    const isNew = !this.#others.has(replica);
    this.#others.set(replica, { bytes: bytes as number, until: clock.monotonic() + FORGET });
    // It knows nobody yet.
    if (isNew) this.#publish(this.#options.own);
    this.#forget();
    this.#log();
  }

  #forget(): void {
    const now = this.#options.clock.monotonic();
    for (const [replica, { until }] of this.#others) if (until <= now) this.#others.delete(replica);
  }

  #log(): void {
    const { bytes } = this;
    if (bytes === this.#logged) return;
    this.#logged = bytes;
    const { own, log } = this.#options;
    log.info({ bytes, own }, 'quota.bytes is the least that any replica of this store has');
  }

  #publish(bytes: number | null): void {
    const { peerBus } = this.#options;
    peerBus.publish(TOPIC, { replica: peerBus.self, bytes });
  }
}
