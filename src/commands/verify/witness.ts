import { revisionOf } from '../../domain/cursor.ts';
import { formatRect, type Rect } from '../../domain/view.ts';
import type { SseEvent } from '../../conformance/sse-parser.ts';
import { ConformanceClient } from '../../conformance/conformance-client.ts';
import type { HopEvidence, ReaderEvidence, SeenEvidence } from './evidence.ts';
import { whoAsks } from './deployment.ts';
import type { Region } from './region.ts';

/** Milliseconds in which a stream that was dropped is exact again, where nothing is wrong. */
const RESUMES = 15_000;

export interface WitnessOptions {
  readonly name: string;
  readonly url: string;
  readonly region: Region;
  /** Ids; each has the row of its place. */
  readonly writers: readonly string[];
  readonly view?: Rect;
  readonly compositors?: readonly string[];
}

/** A strict reader that also takes down what it saw of verify's own writers, at which cursor. */
export class Witness {
  readonly reader: ConformanceClient;
  readonly #options: WitnessOptions;
  readonly #seen: SeenEvidence[] = [];
  readonly #latest = new Map<string, SeenEvidence>();
  readonly #torn: string[] = [];
  readonly #hops: HopEvidence[] = [];
  readonly #stale = new Map<string, number>();
  readonly #column: number;
  #url: string;
  #exacts = 0;
  #resets = 0;
  #degraded = false;

  constructor(options: WitnessOptions) {
    const { name, url, view, compositors, region } = options;
    this.#options = options;
    this.#url = url;
    this.#column = view ? view.x1 - region.rect.x1 : 0;
    this.reader = new ConformanceClient({
      url,
      name,
      maxRetry: 1000,
      headers: whoAsks(),
      ...(view && { view: formatRect(view) }),
      ...(compositors && { compositors }),
      onEvent: (event) => this.#take(event),
    });
  }

  get name(): string {
    return this.#options.name;
  }

  /** Where it reads now. */
  get url(): string {
    return this.#url;
  }

  /** When it was first told that `id` is stale, monotonic milliseconds. */
  staleAt(id: string): number | undefined {
    return this.#stale.get(id);
  }

  /** Drops the stream and comes back at `url` with the last id. */
  async hop(url: string): Promise<void> {
    const { reader } = this;
    await reader.disconnect();
    const id = reader.lastEventId ?? '';
    const [exacts, before, start] = [this.#exacts, this.#trouble(), performance.now()];
    this.#url = url;
    reader.connect(url);
    try {
      await reader.until(() => reader.exact && this.#exacts > exacts, RESUMES);
      this.#hops.push({ to: url, id, ms: performance.now() - start });
    } catch {
      // Whoever was told to come later, or met nobody, has not been refused its history.
      if (this.#trouble() === before) this.#hops.push({ to: url, id, ms: undefined });
    }
  }

  evidence(): ReaderEvidence {
    const { connections, cut, byes } = this.reader.counts;
    return {
      name: this.#options.name,
      url: this.#url,
      violations: [...this.reader.violations],
      torn: [...this.#torn],
      seen: [...this.#seen],
      hops: [...this.#hops],
      resets: this.#resets,
      degraded: this.#degraded,
      connections,
      cuts: cut,
      byes,
    };
  }

  #trouble(): number {
    const { unreachable, refused, cut, byes } = this.reader.counts;
    return unreachable + refused + cut + byes;
  }

  #take(event: SseEvent): void {
    const { reader } = this;
    if (event.event === 'snapshot' && /"reason":\s*"reset"/.test(event.data.slice(0, 200))) this.#resets++;
    this.#degraded ||= reader.copy.degraded;
    for (const [id, entry] of reader.compositors) {
      if (!id.startsWith('verify-') || this.#stale.has(id)) continue;
      if ((entry as { status?: unknown }).status === 'stale') this.#stale.set(id, performance.now());
    }
    if (event.id === undefined || !reader.exact || reader.cursor === undefined) return;
    this.#exacts++;
    this.#observe(revisionOf(reader.cursor));
  }

  #observe(revision: number): void {
    const { region, writers } = this.#options;
    for (const [row, writer] of writers.entries()) {
      const { n, torn } = region.read(this.reader.tiles, writer, row, this.#column);
      if (n === undefined) {
        if (this.#torn.length < 20) this.#torn.push(`at revision ${revision} it held ${torn}`);
        continue;
      }
      const last = this.#latest.get(writer);
      if (last?.n === n && revision >= last.to) {
        last.to = revision;
        continue;
      }
      const seen = { writer, n, from: revision, to: revision };
      this.#latest.set(writer, seen);
      this.#seen.push(seen);
    }
  }
}
