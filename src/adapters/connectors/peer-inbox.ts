import { sleep } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ConnectorEvents, PeerRequest } from '../../domain/connector.ts';
import { DomainError, type ErrorKind } from '../../domain/errors.ts';
import type { TileWrite } from '../../domain/publishing.ts';
import type { CountViolation } from './connector-parts.ts';

export type Outcome = { readonly body: unknown } | { readonly error: unknown };

export interface PeerInboxOptions {
  readonly events: Pick<ConnectorEvents, 'tiles' | 'request'>;
  readonly clock: Clock;
  readonly count: CountViolation;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Tiles were lost to an error of the daemon. */
  readonly failed: (error: unknown) => void;
  readonly answer: (id: string | number, outcome: Outcome) => void;
}

type Writes = Map<string, TileWrite | null>;
type Work = Writes | { readonly id: string | number; readonly request: PeerRequest; readonly size: number };

/** The peer is paused when this many tiles wait, */
const MAX_TILES = 10_000;
/** this many requests and batches of tiles between them, */
const MAX_WORK = 64;
/** or this many characters of requests. */
const MAX_TEXT = 2 * 1024 * 1024;
/** Milliseconds between two batches of tiles, so that a flood makes at most 50 commits a second. */
const BATCH_INTERVAL = 20;
/** Milliseconds until a batch is tried again that the store could not take. */
const RETRY_DELAY = 1000;

/** These errors say nothing about the tiles: the same batch can succeed later. */
const TEMPORARY: ReadonlySet<ErrorKind> = new Set([
  'store-unavailable',
  'outcome-unknown',
  'not-yet',
  'rate-limited',
  'timed-out',
]);

/** Carries out what a peer sends, in its order and one thing at a time. Tiles that wait are one batch, each in its last state. */
export class PeerInbox {
  readonly #options: PeerInboxOptions;
  readonly #work: Work[] = [];
  #tiles = 0;
  #text = 0;
  #paused = false;
  #busy = false;
  #stopped = false;
  #lastBatch = -Infinity;

  constructor(options: PeerInboxOptions) {
    this.#options = options;
  }

  tile(key: string, write: TileWrite | null): void {
    if (this.#stopped) return;
    const last = this.#work.at(-1);
    const batch = last instanceof Map ? last : new Map<string, TileWrite | null>();
    if (batch !== last) this.#work.push(batch);
    if (!batch.has(key)) this.#tiles += 1;
    batch.set(key, write);
    this.#pauseOrResume();
    void this.#run();
  }

  /** @param size characters of the message that it came in. */
  request(id: string | number, request: PeerRequest, size: number): void {
    if (this.#stopped) return;
    this.#work.push({ id, request, size });
    this.#text += size;
    this.#pauseOrResume();
    void this.#run();
  }

  /** Drops what waits. */
  stop(): void {
    this.#stopped = true;
    this.#work.length = 0;
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#work[0]; next; next = this.#work[0]) {
      if (next instanceof Map) {
        // Tiles that come during the wait join the batch.
        await this.#sleepUntil(this.#lastBatch + BATCH_INTERVAL);
        if (this.#isStopped()) break;
        this.#work.shift();
        await this.#write(next);
        this.#tiles -= next.size;
        this.#lastBatch = this.#options.clock.monotonic();
      } else {
        this.#work.shift();
        await this.#answer(next);
        this.#text -= next.size;
      }
      this.#pauseOrResume();
    }
    this.#busy = false;
  }

  async #write(batch: Writes): Promise<void> {
    const { events, count, clock, failed } = this.#options;
    while (!this.#isStopped()) {
      try {
        const refused = await events.tiles(batch);
        if (refused > 0) count('refused', refused);
        return;
      } catch (error) {
        if (!(error instanceof DomainError && TEMPORARY.has(error.kind))) {
          // The registration ended or another replaced it, so the tiles have no owner.
          count('refused', batch.size);
          if (!(error instanceof DomainError)) failed(error);
          return;
        }
        await this.#sleepUntil(clock.monotonic() + (error.extras.retryAfter ?? 0) * 1000 + RETRY_DELAY);
      }
    }
  }

  async #answer({ id, request }: Exclude<Work, Writes>): Promise<void> {
    const { events, answer } = this.#options;
    const outcome = await events.request(request).then(
      (body): Outcome => ({ body }),
      (error: unknown): Outcome => ({ error }),
    );
    if (!this.#isStopped()) answer(id, outcome);
  }

  /** Pauses the peer at the limits, and resumes it at half of them. */
  #pauseOrResume(): void {
    const load = Math.max(this.#tiles / MAX_TILES, this.#work.length / MAX_WORK, this.#text / MAX_TEXT);
    const pause = this.#paused ? load > 0.5 : load >= 1;
    if (pause === this.#paused || this.#stopped) return;
    this.#paused = pause;
    if (pause) this.#options.pause();
    else this.#options.resume();
  }

  async #sleepUntil(time: number): Promise<void> {
    const { clock } = this.#options;
    const ms = time - clock.monotonic();
    if (ms > 0) await sleep(clock, ms);
  }

  /** A method, because it changes while others wait. */
  #isStopped(): boolean {
    return this.#stopped;
  }
}
