import { sleep } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import type { ConnectorEvents, PeerRequest, RequestOutcome } from '../../domain/connector.ts';
import { DomainError, STORE_ERROR_KINDS, type ErrorKind } from '../../domain/errors.ts';
import type { TileWrite } from '../../domain/publishing.ts';
import type { CountViolation } from './connector-parts.ts';

export type RequestId = string | number;

export interface PeerInboxOptions {
  readonly events: Pick<ConnectorEvents, 'tiles' | 'request'>;
  readonly clock: Clock;
  readonly count: CountViolation;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Tiles were lost to an error of the daemon. */
  readonly failed: (error: unknown) => void;
  readonly answer: (answers: readonly (readonly [RequestId, RequestOutcome])[]) => void;
}

type Writes = Map<string, TileWrite | null>;
interface Waiting {
  readonly id: RequestId;
  readonly request: PeerRequest;
}
/** One request, or several of the type `tiles`, which share a commit. */
interface Requests {
  readonly waiting: Waiting[];
  /** Characters. */
  text: number;
}
type Work = Writes | Requests;

/** The peer is paused when this many tiles wait, */
const MAX_TILES = 10_000;
/** this many batches of requests and of tiles between them, */
const MAX_WORK = 64;
/** this many requests, */
const MAX_REQUESTS = 1024;
/** or this many characters of requests. */
const MAX_TEXT = 2 * 1024 * 1024;
/** Requests of the type `tiles` that share a commit, and their characters: others must not wait long behind it. */
const MAX_TOGETHER = 256;
const MAX_TEXT_TOGETHER = 256 * 1024;
/** Milliseconds between two batches of tiles, so that a flood makes at most 50 commits a second. */
const BATCH_INTERVAL = 20;
/** Milliseconds until a batch is tried again that the store could not take. */
const RETRY_DELAY = 1000;

/** These errors say nothing about the tiles: the same batch can succeed later. */
const TEMPORARY: ReadonlySet<ErrorKind> = new Set([
  ...STORE_ERROR_KINDS,
  'not-yet',
  'rate-limited',
  'timed-out',
]);

/**
 * Carries out what a peer sends, in its order and one thing at a time. Tiles that wait are one batch, each in its last state;
 * requests of the type `tiles` that wait in a row share a commit, and each gets its own answer.
 */
export class PeerInbox {
  readonly #options: PeerInboxOptions;
  readonly #work: Work[] = [];
  #tiles = 0;
  #requests = 0;
  #text = 0;
  #paused = false;
  #busy = false;
  #held = false;
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
  request(id: RequestId, request: PeerRequest, size: number): void {
    if (this.#stopped) return;
    const last = this.#work.at(-1);
    if (last && mayShare(last, request, size)) {
      last.waiting.push({ id, request });
      last.text += size;
    } else {
      this.#work.push({ waiting: [{ id, request }], text: size });
    }
    this.#requests += 1;
    this.#text += size;
    this.#pauseOrResume();
    void this.#run();
  }

  /** Carries out nothing more until {@link release}: the peer does not read its answers. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
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
    for (let next = this.#next(); next; next = this.#next()) {
      if (next instanceof Map) {
        // Tiles that come during the wait join the batch.
        await this.#sleepUntil(this.#lastBatch + BATCH_INTERVAL);
        if (this.#isStopped()) break;
        this.#work.shift();
        await this.#write(next);
        this.#tiles -= next.size;
        this.#lastBatch = this.#options.clock.monotonic();
      } else {
        // Requests that came in the same turn share the commit.
        await Promise.resolve();
        this.#work.shift();
        await this.#answer(next);
        this.#requests -= next.waiting.length;
        this.#text -= next.text;
      }
      this.#pauseOrResume();
    }
    this.#busy = false;
  }

  #next(): Work | undefined {
    return this.#held ? undefined : this.#work[0];
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

  async #answer({ waiting }: Requests): Promise<void> {
    const { events, answer } = this.#options;
    const outcomes = await events
      .request(waiting.map(({ request }) => request))
      .catch((error: unknown) => waiting.map(() => ({ error })));
    if (!this.#isStopped()) answer(waiting.map(({ id }, i) => [id, outcomes[i]!] as const));
  }

  /** Pauses the peer at the limits, and resumes it at half of them. */
  #pauseOrResume(): void {
    const load = Math.max(
      this.#tiles / MAX_TILES,
      this.#work.length / MAX_WORK,
      this.#requests / MAX_REQUESTS,
      this.#text / MAX_TEXT,
    );
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

/** Whether a request can share the commit of the work before it. */
function mayShare(last: Work, { type, body }: PeerRequest, size: number): last is Requests {
  if (last instanceof Map || type !== 'tiles') return false;
  const { waiting, text } = last;
  if (waiting.length >= MAX_TOGETHER || text + size > MAX_TEXT_TOGETHER) return false;
  const { request } = waiting[0]!;
  return request.type === type && request.body['generation'] === body['generation'];
}
