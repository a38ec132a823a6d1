import type { Clock } from '../../domain/clock.ts';
import { clientGroup } from '../../domain/client-group.ts';
import type { Principal } from '../../domain/token.ts';
import { BodyBudget } from './body-budget.ts';
import { RateLimit, type Allowance } from './rate-limit.ts';
import { UseLimit } from './use-limit.ts';

/** The settings `limits.*`, complete. */
export interface LimitSettings {
  /** Requests in a second, averaged over {@link SECONDS}. */
  readonly requests: number;
  /** Streams open at the same time, and as many sockets. */
  readonly streams: number;
  /** Requests of `/manifest/changes` that wait at the same time. */
  readonly polls: number;
  /** Bytes of all bodies that are being received. */
  readonly bodies: number;
}

/** Seconds over which the rate of requests is averaged: a page that loads, or a fleet that restarts, comes in a burst. */
const SECONDS = 10;

/** One token may take this share of all streams, and one address may: some are left for others. */
const SHARE = 0.9;

/** The streams that one client may have, unless a setting says otherwise. */
export function streamShare(maxReaders: number): number {
  return Math.ceil(maxReaders * SHARE);
}

/** What one client may use, be it known by its address or by its token: each of the two is counted for itself. */
export class ClientLimits {
  readonly requests: RateLimit;
  readonly streams: UseLimit;
  readonly sockets: UseLimit;
  readonly polls: UseLimit;
  readonly bodies: BodyBudget;
  readonly #clock: Clock;

  constructor(options: { clock: Clock; settings: LimitSettings }) {
    const { requests, streams, polls, bodies } = options.settings;
    this.#clock = options.clock;
    this.requests = new RateLimit({ perSecond: requests, seconds: SECONDS });
    this.streams = new UseLimit(streams);
    this.sockets = new UseLimit(streams);
    this.polls = new UseLimit(polls);
    this.bodies = new BodyBudget({ total: bodies, clock: options.clock });
  }

  /** Counts a request from an address. */
  requestFrom(address: string): Allowance {
    return this.requests.take(clientGroup(address), this.#clock.monotonic());
  }

  /** Counts a request with a token; undefined for one without. */
  requestBy({ key }: Principal): Allowance | undefined {
    return key === '' ? undefined : this.requests.take(`token ${key}`, this.#clock.monotonic());
  }

  /** Who is counted for what `principal` does from an address. */
  clients(address: string, { key }: Principal): string[] {
    return key === '' ? [clientGroup(address)] : [clientGroup(address), `token ${key}`];
  }

  /** How often each limit refused something. */
  refused(): [string, number][] {
    return [
      ['requests', this.requests.refused],
      ['streams', this.streams.refused],
      ['sockets', this.sockets.refused],
      ['polls', this.polls.refused],
      ['bodies', this.bodies.refused],
    ];
  }
}
