import { ConformanceClient } from '../../conformance/conformance-client.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { formatRect, viewText, type Rect } from '../../domain/view.ts';
import type { AreaComparison } from './area-comparison.ts';
import type { ReaderObservation, SeenObservation } from './observations.ts';
import type { Region } from './region.ts';

/** Milliseconds within which a stream that reconnected must be exact again. */
const RESUME_LIMIT = 15_000;
/** Milliseconds within which an open stream must be exact in another view. */
const MOVE_LIMIT = 5000;
const MAX_TORN = 20;
const MAX_WRONG_AREAS = 20;

export interface ObserverOptions {
  readonly name: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly region: Region;
  /** Ids; the index of each is its row. */
  readonly writers: readonly string[];
  readonly view?: Rect;
  readonly compositors?: readonly string[];
  /** 1 to 6, so that areas fill the region: an overview. */
  readonly zoom?: number;
  readonly comparison: AreaComparison;
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
  /** Regions of verify's compositors that the copy held, and when they were first missing. */
  readonly #regions = new Map<string, number | undefined>();
  readonly #wrongAreas: string[] = [];
  #comparedAreas = 0;
  #url: string;
  #exactEvents = 0;
  #resets = 0;
  #degraded = false;

  constructor(options: ObserverOptions) {
    const { name, url, token, view, compositors, zoom, gzip = false } = options;
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
      ...(zoom !== undefined && { zoom }),
      onEvent: (event) => this.#handle(event),
    });
  }

  /** The URL it reads now. */
  get url(): string {
    return this.#url;
  }

  /** How many of its connections failed or ended. */
  get failures(): number {
    const { unreachable, refused, cut, byes } = this.client.counts;
    return unreachable + refused + cut + byes;
  }

  /** Its stream comes compressed. */
  get isCompressed(): boolean {
    return this.client.stream?.headers['content-encoding'] === 'gzip';
  }

  /** When it first saw that `id` is stale, in monotonic milliseconds. */
  staleAt(id: string): number | undefined {
    return this.#staleAt.get(id);
  }

  /** When a region that it had seen was first gone, in monotonic milliseconds. */
  regionGoneAt(id: string): number | undefined {
    return this.#regions.get(id);
  }

  /** Closes the stream and resumes it at `url`. */
  async reconnect(url: string): Promise<void> {
    const { client } = this;
    await client.disconnect();
    const id = client.copy.lastEventId ?? '';
    const [exactEvents, failures, start] = [this.#exactEvents, this.failures, performance.now()];
    this.#url = url;
    client.connect(url);
    try {
      await client.until(() => client.copy.exact && this.#exactEvents > exactEvents, RESUME_LIMIT);
      this.#reconnects.push({ to: url, id, ms: performance.now() - start });
    } catch {
      // After a failed or cut connection, a slow resume breaks no promise.
      if (this.failures === failures) this.#reconnects.push({ to: url, id, ms: undefined });
    }
  }

  /** Asks at `url` for another view of the open stream; zoom 0: tiles. */
  async move({ rect, zoom }: { rect: Rect; zoom: number }, url: string): Promise<void> {
    const { client } = this;
    // A daemon of an older version cannot.
    if (client.copy.stream === undefined || !client.copy.exact) return;
    const wanted = viewText({ rect, zoom });
    const [failures, start] = [this.failures, performance.now()];
    let status: number;
    do {
      status = await client.reAim({ view: formatRect(rect), zoom }, url).catch(() => 0);
      // The replica that has the stream stands still: the same move is sent again.
    } while (status === 504 && performance.now() - start < MOVE_LIMIT);
    const shows = () => client.copy.exact && viewText(client.copy.view) === wanted;
    const arrived =
      status === 202 &&
      (await client.until(shows, MOVE_LIMIT).then(
        () => true,
        () => false,
      ));
    // A connection that was cut took the stream along: that breaks no promise.
    if (this.failures !== failures) return;
    this.#moves.push({ to: url, view: wanted, status, ms: arrived ? performance.now() - start : undefined });
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
      comparedAreas: this.#comparedAreas,
      wrongAreas: this.#wrongAreas,
      resets: this.#resets,
      degraded: this.#degraded,
      connections,
      cuts,
      byes,
    };
  }

  #handle(event: SseEvent): void {
    const { client } = this;
    if (event.event === 'snapshot' && /"reason":\s*"reset"/.test(event.data.slice(0, 200))) this.#resets++;
    this.#degraded ||= client.copy.degraded;
    for (const [id, entry] of client.copy.compositors) {
      if (!id.startsWith('verify-') || this.#staleAt.has(id)) continue;
      if ((entry as { status?: unknown }).status === 'stale') this.#staleAt.set(id, performance.now());
    }
    if (client.copy.exact) this.#watchRegions();
    if (event.id === undefined || !client.copy.exact || client.copy.cursor === undefined) return;
    this.#exactEvents++;
    this.#compareAreas(client.copy.cursor);
    if (client.copy.view.zoom === undefined) this.#recordWrites(revisionOf(client.copy.cursor));
  }

  #watchRegions(): void {
    const { regions } = this.client.copy;
    for (const [id, { compositor }] of regions)
      if (compositor.startsWith('verify-') && !this.#regions.has(id)) this.#regions.set(id, undefined);
    for (const [id, goneAt] of this.#regions)
      if (goneAt === undefined && !regions.has(id)) this.#regions.set(id, performance.now());
  }

  #compareAreas(cursor: Cursor): void {
    const { comparison, region } = this.#options;
    const { view, tiles, areas } = this.client.copy;
    const { rect, compositors, zoom } = view;
    if (!rect || formatRect(rect) !== formatRect(region.rect)) return;
    if (zoom === undefined) {
      if (!compositors) comparison.takeTiles(cursor, tiles);
      return;
    }
    comparison.takeAreas(cursor, {
      view,
      areas,
      compared: (differences) => {
        this.#comparedAreas++;
        for (const line of differences)
          if (this.#wrongAreas.length < MAX_WRONG_AREAS) this.#wrongAreas.push(`at ${cursor} ${line}`);
      },
    });
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
