import { ConformanceClient } from '../../conformance/conformance-client.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { formatRect, type Rect } from '../../domain/view.ts';
import type { ReaderObservation, SeenObservation } from './observations.ts';
import type { Region } from './region.ts';

/** Milliseconds within which a stream that reconnected must be exact again. */
const RESUME_LIMIT = 15_000;
/** Milliseconds within which an open stream must be exact in another view. */
const MOVE_LIMIT = 5000;
const MAX_TORN = 20;

export interface ObserverOptions {
  readonly name: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly region: Region;
  /** Ids; the index of each is its row. */
  readonly writers: readonly string[];
  readonly view?: Rect;
  readonly compositors?: readonly string[];
  /** It reads the stream compressed. */
  readonly gzip?: boolean;
}

/** A conformance client that records which writes of verify's own writers it saw at which revision. */
export class Observer {
  readonly client: ConformanceClient;
  readonly name: string;
  readonly #options: ObserverOptions;
  readonly #seen: SeenObservation[] = [];
  readonly #latest = new Map<string, SeenObservation>();
  readonly #torn: string[] = [];
  readonly #reconnects: ReaderObservation['reconnects'][number][] = [];
  readonly #moves: ReaderObservation['moves'][number][] = [];
  readonly #staleAt = new Map<string, number>();
  #url: string;
  #exactEvents = 0;
  #resets = 0;
  #degraded = false;

  constructor(options: ObserverOptions) {
    const { name, url, token, view, compositors, gzip = false } = options;
    this.name = name;
    this.#options = options;
    this.#url = url;
    this.client = new ConformanceClient({
      url,
      name,
      maxRetry: 1000,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(gzip && { 'accept-encoding': 'gzip' }),
      },
      ...(view && { view: formatRect(view) }),
      ...(compositors && { compositors }),
      onEvent: (event) => this.#handle(event),
    });
  }

  /** The URL it reads now. */
  get url(): string {
    return this.#url;
  }

  /** When it first saw that `id` is stale, in monotonic milliseconds. */
  staleAt(id: string): number | undefined {
    return this.#staleAt.get(id);
  }

  /** Closes the stream and resumes it at `url`. */
  async reconnect(url: string): Promise<void> {
    const { client } = this;
    await client.disconnect();
    const id = client.copy.lastEventId ?? '';
    const [exactEvents, failures, start] = [this.#exactEvents, this.#failures(), performance.now()];
    this.#url = url;
    client.connect(url);
    try {
      await client.until(() => client.copy.exact && this.#exactEvents > exactEvents, RESUME_LIMIT);
      this.#reconnects.push({ to: url, id, ms: performance.now() - start });
    } catch {
      // After a failed or cut connection, a slow resume breaks no promise.
      if (this.#failures() === failures) this.#reconnects.push({ to: url, id, ms: undefined });
    }
  }

  /** Asks at `url` for another view of the open stream. */
  async move(rect: Rect, url: string): Promise<void> {
    const { client } = this;
    // A daemon of an older version cannot.
    if (client.copy.stream === undefined || !client.copy.exact) return;
    const [view, failures, start] = [formatRect(rect), this.#failures(), performance.now()];
    const status = await client.reAim({ view }, url).catch(() => 0);
    const shows = () =>
      client.copy.exact && client.copy.view.rect && formatRect(client.copy.view.rect) === view;
    const arrived =
      status === 202 &&
      (await client
        .until(() => Boolean(shows()), MOVE_LIMIT)
        .then(
          () => true,
          () => false,
        ));
    // A connection that was cut took the stream along: that breaks no promise.
    if (this.#failures() !== failures) return;
    this.#moves.push({ to: url, view, status, ms: arrived ? performance.now() - start : undefined });
  }

  observations(): ReaderObservation {
    const { connections, cut: cuts, byes } = this.client.counts;
    return {
      name: this.name,
      url: this.#url,
      violations: this.client.copy.violations,
      torn: this.#torn,
      seen: this.#seen,
      reconnects: this.#reconnects,
      moves: this.#moves,
      resets: this.#resets,
      degraded: this.#degraded,
      connections,
      cuts,
      byes,
    };
  }

  #failures(): number {
    const { unreachable, refused, cut, byes } = this.client.counts;
    return unreachable + refused + cut + byes;
  }

  #handle(event: SseEvent): void {
    const { client } = this;
    if (event.event === 'snapshot' && /"reason":\s*"reset"/.test(event.data.slice(0, 200))) this.#resets++;
    this.#degraded ||= client.copy.degraded;
    for (const [id, entry] of client.copy.compositors) {
      if (!id.startsWith('verify-') || this.#staleAt.has(id)) continue;
      if ((entry as { status?: unknown }).status === 'stale') this.#staleAt.set(id, performance.now());
    }
    if (event.id === undefined || !client.copy.exact || client.copy.cursor === undefined) return;
    this.#exactEvents++;
    this.#recordWrites(revisionOf(client.copy.cursor));
  }

  #recordWrites(revision: number): void {
    const { writers, region } = this.#options;
    const { rect } = this.client.copy.view;
    // The first column of the region in view.
    const column = rect ? rect.x1 - region.rect.x1 : 0;
    for (const [row, writer] of writers.entries()) {
      const { n, torn } = region.read(this.client.copy.tiles, writer, row, column);
      if (n === undefined) {
        if (this.#torn.length < MAX_TORN) this.#torn.push(`at revision ${revision} it held ${torn}`);
        continue;
      }
      const latest = this.#latest.get(writer);
      if (latest?.n === n && revision >= latest.to) {
        latest.to = revision;
        continue;
      }
      const seen = { writer, n, from: revision, to: revision };
      this.#latest.set(writer, seen);
      this.#seen.push(seen);
    }
  }
}
