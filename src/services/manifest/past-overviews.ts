import type { LongWork } from '../../concurrency/long-work.ts';
import type { Area } from '../../domain/area.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { pastAreas } from '../../domain/past-areas.ts';
import type { View } from '../../domain/view.ts';
import type { HeavyReads } from './heavy-reads.ts';
import type { Document } from './latest-document.ts';
import { headOf, manifestEtag } from './manifest-head.ts';
import { MOST_AREAS, tooManyAreas } from './overview-document.ts';
import type { Overview } from './overview.ts';
import { trimmed } from './sliced-read.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';

/** How often a read begins anew because the areas of now were lost. */
const MOST_ATTEMPTS = 5;

interface PastOverviewsOptions {
  readonly overview: Overview;
  readonly work: LongWork;
  readonly reads: HeavyReads;
  /** The manifest as it was. Throws `cursor-gone`. */
  readonly at: (cursor: Cursor) => Promise<ManifestAt>;
}

/** `GET /manifest` with a zoom and a cursor. */
export class PastOverviews {
  readonly #options: PastOverviewsOptions;

  constructor(options: PastOverviewsOptions) {
    this.#options = options;
  }

  /** Throws `cursor-gone`, `invalid-request` for too many areas, and `overloaded`. */
  make(cursor: Cursor, view: View, signal: AbortSignal): Promise<Document> {
    return this.#options.reads.run(() => this.#make(cursor, view, signal), signal);
  }

  async #make(cursor: Cursor, view: View, signal: AbortSignal): Promise<Document> {
    const { overview, at } = this.#options;
    const unuse = overview.use();
    try {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        await overview.ready();
        const past = await at(cursor);
        const areas = await this.#areas(past, view, signal);
        if (areas) return await this.#document(past, view, areas);
      }
    } catch (error) {
      throw error instanceof HistoryTrimmed ? trimmed() : error;
    } finally {
      unuse();
    }
    throw new DomainError('overloaded', 'the map changed faster than it could be read', { retryAfter: 1 });
  }

  /** Undefined when the areas of now were lost meanwhile. */
  async #areas(
    past: ManifestAt,
    view: View,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Area> | undefined> {
    const { overview, work } = this.#options;
    const { areas } = overview;
    if (!areas) return undefined;
    const steps = pastAreas(past, areas, view, MOST_AREAS);
    const read = function* () {
      for (;;) {
        if (overview.areas !== areas) return undefined;
        const step = steps.next();
        if (step.done === true) return step.value;
        yield;
        signal.throwIfAborted();
      }
    };
    const found = await work.run(read());
    if (found && found.size > MOST_AREAS) throw tooManyAreas();
    return found;
  }

  async #document(past: ManifestAt, view: View, areas: ReadonlyMap<string, Area>): Promise<Document> {
    const { work } = this.#options;
    const members = await work.run(membersOf(past, view));
    const text = `${headOf(past, view)}${members}"areas":${JSON.stringify(Object.fromEntries(areas))}}\n`;
    return { cursor: past.cursor, etag: manifestEtag(past, view), body: Buffer.from(text) };
  }
}

/** The compositors and regions of then, as members of a JSON object with a comma after them. */
function* membersOf(past: ManifestAt, view: View): Generator<void, string, undefined> {
  const compositors: string[] = [];
  yield* past.catchUp();
  for (const group of past.compositorGroups(view)) {
    for (const [id, entry] of group) compositors.push(`"${id}":${JSON.stringify(entry)}`);
    yield;
    yield* past.catchUp();
  }
  const regions = Object.fromEntries(past.regions(view));
  const some = Object.keys(regions).length === 0 ? '' : `"regions":${JSON.stringify(regions)},`;
  return `"compositors":{${compositors.join(',')}},${some}`;
}
