import type { LongWork } from '../../concurrency/long-work.ts';
import { areaNameOf } from '../../domain/area.ts';
import type { Areas } from '../../domain/area-tree.ts';
import type { Commit } from '../../domain/commit.ts';
import { DomainError } from '../../domain/errors.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { viewHasRegion } from '../../domain/region.ts';
import { cellOf } from '../../domain/tile.ts';
import { rectHas, viewHasCompositor, type View } from '../../domain/view.ts';
import type { Document } from './latest-document.ts';
import type { ManifestCopy } from './manifest-copy.ts';
import { headOf, manifestEtag } from './manifest-head.ts';
import type { Overview } from './overview.ts';
import { SlicedRead } from './sliced-read.ts';

/** Most areas in one reply. */
export const MOST_AREAS = 10_000;
/** Entries that are read before the time is looked at. */
const AT_ONCE = 16;
/** How often a document is begun: a map in which giants come and go all the time has none. */
const MOST_ATTEMPTS = 5;

interface OverviewDocumentsOptions {
  readonly copy: ManifestCopy;
  readonly overview: Overview;
  readonly work: LongWork;
  /** The present manifest. Throws before the first load. */
  readonly now: () => ManifestAt;
}

/** `GET /manifest` with a zoom. */
export class OverviewDocuments {
  readonly #options: OverviewDocumentsOptions;

  constructor(options: OverviewDocumentsOptions) {
    this.#options = options;
  }

  /**
   * The overview as of the end of the read. Throws `invalid-request` for too many areas, `overloaded` when it cannot be read, and the
   * signal's reason when it aborts.
   */
  async make(view: View, signal: AbortSignal): Promise<Document> {
    const { overview, now } = this.#options;
    // Before the first load there is nothing to read the areas of.
    now();
    const unuse = overview.use();
    try {
      for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
        const document = await this.#attempt(await overview.ready(), view, signal);
        if (document) return document;
      }
    } finally {
      unuse();
    }
    throw new DomainError('overloaded', 'the map changed faster than it could be read', { retryAfter: 1 });
  }

  /** Undefined when the areas are others by now, or very many changed at once. */
  async #attempt(areas: Areas, view: View, signal: AbortSignal): Promise<Document | undefined> {
    const { copy, overview, work, now } = this.#options;
    const read = new OverviewRead(copy, areas, view);
    const isOver = () => {
      signal.throwIfAborted();
      return read.isOvertaken || overview.areas !== areas;
    };
    const unsubscribe = copy.subscribe({ committed: (commit) => read.take(commit) });
    try {
      const slices = new SlicedRead(work, () => read.catchUp());
      for (const steps = read.entries(); ;) {
        await slices.prepare();
        if (isOver()) return undefined;
        if (steps.next().done === true) break;
      }
      while (!read.isCurrent) {
        await slices.prepare();
        if (isOver()) return undefined;
      }
      return read.document(now());
    } finally {
      unsubscribe();
    }
  }
}

/** An overview that is read while commits come: what they change is read once more. */
class OverviewRead {
  readonly #copy: ManifestCopy;
  readonly #areas: Areas;
  readonly #view: View;
  readonly #texts = {
    compositors: new Map() as Texts,
    regions: new Map() as Texts,
    areas: new Map() as Texts,
  };
  /** Names of what has changed since it was read. */
  readonly #changed = {
    compositors: new Set<string>(),
    regions: new Set<string>(),
    areas: new Set<string>(),
  };
  #isOvertaken = false;

  constructor(copy: ManifestCopy, areas: Areas, view: View) {
    this.#copy = copy;
    this.#areas = areas;
    this.#view = view;
  }

  /** A commit changed more than can be looked at. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  /** What was read is what there is now. */
  get isCurrent(): boolean {
    return Object.values(this.#changed).every(({ size }) => size === 0);
  }

  /** A commit was applied. */
  take({ patch, withdraws }: Commit): void {
    if (withdraws !== undefined) {
      this.#isOvertaken = true;
      return;
    }
    const { rect, zoom = 0 } = this.#view;
    for (const id of patch.compositors.keys())
      if (viewHasCompositor(this.#view, id)) this.#changed.compositors.add(id);
    for (const id of patch.regions.keys()) this.#changed.regions.add(id);
    for (const key of patch.tiles.keys())
      if (!rect || rectHas(rect, cellOf(key))) this.#changed.areas.add(areaNameOf(key, zoom));
  }

  /** Reads what has changed once more. */
  *catchUp(): Generator<void, void, undefined> {
    const { compositors, regions, areas } = this.#changed;
    for (const id of compositors) {
      compositors.delete(id);
      setText(this.#texts.compositors, id, this.#copy.manifest.compositor(id));
      yield;
    }
    for (const id of regions) {
      regions.delete(id);
      const region = this.#copy.manifest.region(id);
      setText(this.#texts.regions, id, region && viewHasRegion(this.#view, region) ? region : undefined);
      yield;
    }
    for (const name of areas) {
      areas.delete(name);
      setText(this.#texts.areas, name, this.#areas.area(name, this.#view));
      yield;
    }
  }

  /** Reads everything, a few entries a step. Throws `invalid-request` for too many areas. */
  *entries(): Generator<void, void, undefined> {
    let count = 0;
    for (const [id, entry] of this.#copy.manifest.visibleCompositors(this.#view)) {
      setText(this.#texts.compositors, id, entry);
      if (++count % AT_ONCE === 0) yield;
    }
    for (const [id, region] of this.#copy.manifest.visibleRegions(this.#view)) {
      setText(this.#texts.regions, id, region);
      if (++count % AT_ONCE === 0) yield;
    }
    for (const entry of this.#areas.areasIn(this.#view)) {
      if (entry) setText(this.#texts.areas, ...entry);
      if (this.#texts.areas.size > MOST_AREAS) throw tooManyAreas();
      if (++count % AT_ONCE === 0) yield;
    }
  }

  /** `manifest` is the present one. */
  document(manifest: ManifestAt): Document {
    const { compositors, regions, areas } = this.#texts;
    if (areas.size > MOST_AREAS) throw tooManyAreas();
    const head = headOf(manifest, this.#view);
    const some = regions.size === 0 ? '' : `,"regions":{${joined(regions)}}`;
    const maps = `"compositors":{${joined(compositors)}}${some},"areas":{${joined(areas)}}`;
    return {
      cursor: manifest.cursor,
      etag: manifestEtag(manifest, this.#view),
      body: Buffer.from(`${head}${maps}}\n`),
    };
  }
}

/** Members of a JSON object, by their names. */
type Texts = Map<string, string>;

function joined(texts: Texts): string {
  return [...texts.values()].join(',');
}

function setText(texts: Texts, name: string, value: unknown): void {
  if (value === undefined) texts.delete(name);
  else texts.set(name, `"${name}":${JSON.stringify(value)}`);
}

export function tooManyAreas(): DomainError {
  const detail = `there are more than ${MOST_AREAS} areas in view; choose a larger zoom or a smaller view, or follow the stream`;
  return new DomainError('invalid-request', detail, { errors: [{ in: 'query', field: 'zoom', detail }] });
}
