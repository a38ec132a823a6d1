import type { Clock } from '../../domain/clock.ts';
import { isObject } from '../../domain/json.ts';
import type { PeerBus } from '../../domain/peer-bus.ts';

const TOPIC = 'embedded.ticket';
/** Milliseconds: the shortest and the longest ticket. A process that dies with one holds the others back for that long. */
const SHORTEST = 20;
const LONGEST = 250;
/** Losses in a row after which a replica gets a ticket. To take turns costs a switch of processes for each commit, so chance comes first. */
const PATIENCE = 4;
/** Milliseconds that a commit waits for tickets, all together. */
const MOST_WAITING = 500;

/**
 * Who commits next, where several processes commit to one folder: one that lost the race for the head gets a ticket, and the
 * others wait until it has committed or its ticket is over. Without tickets whoever has just committed is first at LMDB's lock
 * again: seen, one commit lost 66 times. A ticket that does not arrive costs only that.
 */
export class Tickets {
  readonly #clock: Clock;
  readonly #peerBus: Pick<PeerBus, 'self' | 'publish' | 'subscribe'>;
  /** Until when (monotonic), by replica; the first comes first. */
  readonly #until = new Map<string, number>();
  readonly #unsubscribe: () => void;
  /** Milliseconds that a commit takes, smoothed. */
  #took = 0;
  #losses = 0;
  /** Called when a ticket comes or goes. */
  readonly #waiting = new Set<() => void>();

  constructor(options: { clock: Clock; peerBus: Pick<PeerBus, 'self' | 'publish' | 'subscribe'> }) {
    this.#clock = options.clock;
    this.#peerBus = options.peerBus;
    this.#unsubscribe = this.#peerBus.subscribe(TOPIC, (message) => this.#hear(message));
  }

  /** Whether {@link wait} would wait. */
  get othersHave(): boolean {
    const now = this.#clock.monotonic();
    return this.#othersUntil(now) > now;
  }

  /** Resolves when no other replica has an earlier ticket, or after {@link MOST_WAITING}. */
  async wait(): Promise<void> {
    const deadline = this.#clock.monotonic() + MOST_WAITING;
    for (;;) {
      const now = this.#clock.monotonic();
      const until = Math.min(this.#othersUntil(now), deadline);
      if (until <= now) return;
      await this.#changed(Math.ceil(until - now));
    }
  }

  /** This replica lost the race for the head. It keeps the ticket that it has, however often it loses. */
  lost(): void {
    this.#losses += 1;
    if (this.#losses < PATIENCE) return;
    const { self } = this.#peerBus;
    const now = this.#clock.monotonic();
    if ((this.#until.get(self) ?? 0) > now) return;
    // Its holder may lose once more, plans anew, and commits.
    const ms = Math.round(Math.min(LONGEST, SHORTEST + 3 * this.#took));
    this.#until.delete(self);
    this.#until.set(self, now + ms);
    this.#peerBus.publish(TOPIC, { replica: self, ms });
  }

  /** This replica has committed, which took it `ms`. */
  committed(ms: number): void {
    this.#took += (ms - this.#took) / 4;
    this.#losses = 0;
    const { self } = this.#peerBus;
    if (this.#until.delete(self)) this.#peerBus.publish(TOPIC, { replica: self, ms: 0 });
  }

  stop(): void {
    this.#unsubscribe();
  }

  #hear(message: unknown): void {
    const { replica, ms } = isObject(message) ? message : {};
    if (typeof replica !== 'string' || typeof ms !== 'number' || replica === this.#peerBus.self) return;
    const now = this.#clock.monotonic();
    this.#until.delete(replica);
    if (ms > 0) this.#until.set(replica, now + Math.min(ms, LONGEST));
    // Those of replicas that ended.
    for (const [name, until] of this.#until) if (until <= now) this.#until.delete(name);
    for (const wake of this.#waiting) wake();
  }

  /** Resolves when a ticket comes or goes, or after `ms`. */
  #changed(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        cancel();
        resolve();
      };
      const cancel = this.#clock.after(ms, wake);
      this.#waiting.add(wake);
    });
  }

  /** When the last ticket before this replica's own is over; 0 when there is none. */
  #othersUntil(now: number): number {
    let latest = 0;
    for (const [name, until] of this.#until) {
      if (name === this.#peerBus.self && until > now) return latest;
      latest = Math.max(latest, until);
    }
    return latest;
  }
}
