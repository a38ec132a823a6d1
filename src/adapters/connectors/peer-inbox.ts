import type { Clock } from '../../domain/clock.ts';
import type { ConnectorEvents, PeerRequest } from '../../domain/connector.ts';
import { DomainError, type ErrorKind } from '../../domain/errors.ts';
import type { TileWrite } from '../../domain/publishing.ts';
import type { CountViolation } from './protocol-violation.ts';

export interface PeerInboxOptions {
  readonly events: Pick<ConnectorEvents, 'tiles' | 'request'>;
  readonly clock: Clock;
  readonly count: CountViolation;
  /** Asks the peer to be held back (true), or no longer. */
  readonly hold: (held: boolean) => void;
  /** Tiles were lost to an error that is nobody's fault but ours. */
  readonly failed: (error: unknown) => void;
  readonly answer: (id: string | number, outcome: { body: unknown } | { error: unknown }) => void;
}

type Writes = Map<string, TileWrite | null>;
type Work = Writes | { readonly id: string | number; readonly request: PeerRequest; readonly size: number };

/** Tiles that wait; from here on the peer is held back. */
const MAX_TILES = 10_000;
/** Requests that wait, and batches of tiles between them. */
const MAX_WORK = 64;
/** Characters of requests that wait. */
const MAX_TEXT = 2 * 1024 * 1024;
/** Milliseconds from one batch of tiles to the next: a flood is 50 commits a second and not as many as the store can take. */
const SPACING = 20;
/** Milliseconds until a batch that the store could not take is tried again. */
const PATIENCE = 1000;

/** Nothing is wrong with the tiles: their time will come. */
const PASSING: ReadonlySet<ErrorKind> = new Set([
  'store-unavailable',
  'outcome-unknown',
  'not-yet',
  'rate-limited',
  'timed-out',
]);

/** What a peer wants done, in its order: one thing at a time, tiles together, each in its last state. */
export class PeerInbox {
  readonly #options: PeerInboxOptions;
  readonly #work: Work[] = [];
  #tiles = 0;
  #text = 0;
  #held = false;
  #busy = false;
  #over = false;
  #lastBatch = -Infinity;
  #wake: (() => void) | undefined;

  constructor(options: PeerInboxOptions) {
    this.#options = options;
  }

  /** Whether the peer is held back at present. */
  get held(): boolean {
    return this.#held;
  }

  tile(key: string, write: TileWrite | null): void {
    if (this.#over) return;
    const last = this.#work.at(-1);
    const batch = last instanceof Map ? last : new Map<string, TileWrite | null>();
    if (batch !== last) this.#work.push(batch);
    if (!batch.has(key)) this.#tiles += 1;
    batch.set(key, write);
    this.#weigh();
    void this.#run();
  }

  /** @param size characters that it came in. */
  request(id: string | number, request: PeerRequest, size: number): void {
    if (this.#over) return;
    this.#work.push({ id, request, size });
    this.#text += size;
    this.#weigh();
    void this.#run();
  }

  /** What waits is forgotten. */
  stop(): void {
    this.#over = true;
    this.#work.length = 0;
    this.#wake?.();
  }

  async #run(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#work[0]; next; next = this.#work[0]) {
      if (next instanceof Map) {
        // What comes in the meantime joins them.
        await this.#until(this.#lastBatch + SPACING);
        if (this.#isOver()) break;
        this.#work.shift();
        await this.#write(next);
        this.#tiles -= next.size;
        this.#lastBatch = this.#options.clock.monotonic();
      } else {
        this.#work.shift();
        await this.#answer(next);
        this.#text -= next.size;
      }
      this.#weigh();
    }
    this.#busy = false;
  }

  async #write(batch: Writes): Promise<void> {
    const { events, count, clock, failed } = this.#options;
    while (!this.#isOver()) {
      try {
        const refused = await events.tiles(batch);
        if (refused > 0) count('refused', refused);
        return;
      } catch (error) {
        if (!(error instanceof DomainError && PASSING.has(error.kind))) {
          // Its registration ended, or another took its place: whose tiles these are no one can say.
          count('refused', batch.size);
          if (!(error instanceof DomainError)) failed(error);
          return;
        }
        await this.#until(clock.monotonic() + (error.retryAfter ?? 0) * 1000 + PATIENCE);
      }
    }
  }

  async #answer({ id, request }: Exclude<Work, Writes>): Promise<void> {
    const { events, answer } = this.#options;
    try {
      const body = await events.request(request);
      if (!this.#isOver()) answer(id, { body });
    } catch (error) {
      if (!this.#isOver()) answer(id, { error });
    }
  }

  /** Held back at the bounds, released at half of them. */
  #weigh(): void {
    const full = Math.max(this.#tiles / MAX_TILES, this.#work.length / MAX_WORK, this.#text / MAX_TEXT);
    const hold = this.#held ? full > 0.5 : full >= 1;
    if (hold === this.#held || this.#over) return;
    this.#held = hold;
    this.#options.hold(hold);
  }

  async #until(moment: number): Promise<void> {
    const { clock } = this.#options;
    const ms = moment - clock.monotonic();
    if (ms <= 0 || this.#over) return;
    await new Promise<void>((resolve) => {
      const cancel = clock.after(ms, resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** Read anew after each wait. */
  #isOver(): boolean {
    return this.#over;
  }
}
