import type { Birth, FileMemory, Knowledge, KnownPart } from './file-memory.ts';
import { sameFileTile, type FileTile, type FileVersion } from './file-tile.ts';
import type { KnownVersion, KnownVersions } from './known-versions.ts';
import { MissingTiles, MOST_DOUBTFUL } from './missing-tiles.ts';
import { STEP } from './steps.ts';
import { cellOf, type Tile } from './tile.ts';
import { inOrder, WritingOrder } from './writing-order.ts';

/** What the writer of the file did to one tile. */
export interface FileChange {
  readonly key: string;
  /** Null: it has removed the tile. */
  readonly tile: FileTile | null;
  /** What the map had there when this was found. */
  readonly present: Tile | undefined;
}

export interface FileDifference {
  readonly changes: readonly FileChange[];
  /** What else is known to whoever will have what is new here. */
  readonly knowledge: Knowledge;
  /** The file has exactly what the map will have. */
  readonly isWhole: boolean;
  /** Of the versions that are known, those that the file may come from, and that of its writer if that is certain. */
  readonly from: readonly KnownVersion[];
  readonly writer: KnownVersion | undefined;
}

interface FileComparisonOptions {
  readonly version: FileVersion;
  readonly memory: FileMemory;
  readonly known: KnownVersions;
  /** The compositor for which the file is read in. */
  readonly owner: string;
  /** The tile in a cell of the map, as it was after the commits of `memory`. */
  readonly tileAt: (key: string) => Tile | undefined;
}

interface Removed {
  readonly removed: ReadonlySet<string>;
  /** The version that the writer wrote before, if that is certain. */
  readonly writer: KnownVersion | undefined;
}

/**
 * Finds what the writer of the file has changed, although it may work from an old copy and rewrite all of it
 * (docs/decisions/0025). First {@link readFile} runs to its end, then {@link inMap} is called for each tile of the map, then
 * {@link result} runs to its end.
 */
export class FileComparison {
  readonly #options: FileComparisonOptions;
  readonly #index = new Map<string, number>();
  readonly #news = new Map<string, FileChange>();
  #missing = new MissingTiles(0);
  readonly #order = new WritingOrder();
  readonly #certain = new SumOfKnowledge();
  /** Since when the map has the latest of the values that the file has, too. */
  #latest = 0;
  /** Cells in which the file has an older value than the map. */
  readonly #old = new Set<string>();

  /** What was committed later, the writer of the file cannot have known. */
  readonly #until: number;

  constructor(options: FileComparisonOptions) {
    this.#options = options;
    this.#until = options.memory.count;
  }

  /** Looks at each tile of the file, in steps. */
  *readFile(): Generator<void, void, undefined> {
    const { version, memory, owner, tileAt } = this.#options;
    for (const [key, tile] of version.tiles) {
      const present = tileAt(key);
      if (present && sameFileTile(present, tile)) {
        this.#certain.add(memory.birth(key));
        this.#latest = Math.max(this.#latest, memory.since(key));
      } else if (memory.isNew(key, tile, present, owner)) this.#news.set(key, { key, tile, present });
      else this.#old.add(key);
      this.#order.entry(key, cellOf(key));
      this.#index.set(key, this.#index.size);
      if (this.#index.size % STEP === 0) yield;
    }
    this.#missing = new MissingTiles(this.#latest);
  }

  /** A tile of the map, in the order in which we write them. */
  inMap(key: string, tile: Tile): void {
    const index = this.#index.get(key);
    if (index !== undefined) return this.#order.inMap(index);
    const birth = this.#options.memory.birth(key);
    this.#missing.add(key, tile, birth?.since ?? 0, this.#certain.includes(key, birth));
  }

  *result(): Generator<void, FileDifference, undefined> {
    const { version, known, tileAt } = this.#options;
    const from = yield* known.explaining(version.tiles, (key) => this.#news.has(key));
    yield;
    const { removed, writer } = this.#missing.count === 0 ? NOTHING : this.#removed(from);
    yield;
    const changes = [...this.#news.values()];
    for (const key of removed)
      changes.push({ key, tile: null, present: this.#missing.certain.get(key) ?? tileAt(key) });
    yield;
    const isWhole = this.#old.size === 0 && removed.size === this.#missing.count && version.skipped === 0;
    return { changes, knowledge: this.#knowledge(removed), isWhole, from, writer };
  }

  /** The tiles that the writer may not have had as they are stay: it lacks them. Of very many it is not said which. */
  #knowledge(removed: ReadonlySet<string>): Knowledge {
    const { doubtful } = this.#missing;
    if (!doubtful || doubtful.size + this.#old.size > MOST_DOUBTFUL) return 'none';
    const lacked = new Set(this.#old);
    for (const key of doubtful) if (!removed.has(key)) lacked.add(key);
    return { until: this.#until, lacked };
  }

  /** The missing tiles that the writer of the file has removed: by what it certainly knew, by an order of its own, and by what it wrote before. */
  #removed(from: readonly KnownVersion[]): Removed {
    const certain = this.#missing.certain;
    const own = this.#order.isOwn
      ? from.findLast(({ tiles }) => inOrder(tiles.keys(), this.#index))
      : undefined;
    if (own) return { removed: new Set([...certain.keys(), ...this.#missingOf(own)]), writer: own };
    const later = from.filter(({ superseded }) => !superseded);
    const writer = later.length === 1 ? later[0] : undefined;
    // With something new in it, it can be by somebody who has never written before.
    if (certain.size > 0 || this.#news.size > 0) return { removed: new Set(certain.keys()), writer };
    return this.#byFormer(from);
  }

  /** The file only lacks something, so either its writer has removed that or, as far as it knows, it wrote what was there. */
  #byFormer(from: readonly KnownVersion[]): Removed {
    const { version, memory, known } = this.#options;
    const isSame = ({ tiles }: KnownVersion) => tiles.size === version.tiles.size;
    if (from.length === 0) return { removed: this.#onlyOne(), writer: undefined };
    // Who wrote just that has added something since, and now removed it again. To remove a tile leaves the others in order.
    const candidates = from.filter(
      (each) => !(each.superseded && isSame(each)) && inOrder(each.tiles.keys(), this.#index),
    );
    const [first, ...others] = candidates;
    if (!first || !known.isComplete) return NOTHING;
    const removed = new Set(this.#missingOf(first));
    for (const other of others) {
      const missing = new Set(this.#missingOf(other));
      for (const key of removed) if (!missing.has(key)) removed.delete(key);
    }
    // Somebody who has not written before may have removed fewer tiles from what it read.
    const { count, until } = this.#missing.fewest;
    if (count < removed.size) for (const key of removed) if (memory.since(key) > until) removed.delete(key);
    return { removed, writer: others.length === 0 ? first : undefined };
  }

  /** Nobody has changed anything that this file could not know, but for one tile. */
  #onlyOne(): ReadonlySet<string> {
    const { onlyBefore } = this.#missing;
    const isQuiet = this.#old.size === 0 && !this.#options.memory.hasRemovals;
    return isQuiet && onlyBefore !== undefined ? new Set([onlyBefore]) : NOTHING.removed;
  }

  /** The missing tiles that a version had, as they are in the map. */
  *#missingOf({ tiles }: KnownVersion): Generator<string, void, undefined> {
    for (const [key, tile] of tiles)
      if (!this.#index.has(key) && sameFileTile(this.#options.tileAt(key), tile)) yield key;
  }
}

const NOTHING = { removed: new Set<string>(), writer: undefined };

/** What is certainly known to whoever has the values that were added. */
class SumOfKnowledge {
  /** All tiles until then. */
  #all = -1;
  readonly #parts = new Set<KnownPart>();
  readonly #lacking = new Set<KnownPart>();

  add(birth: Birth | undefined): void {
    if (!birth || birth.knowledge === 'none') return;
    const { since, knowledge } = birth;
    if (knowledge === 'all') {
      this.#all = Math.max(this.#all, since);
      return;
    }
    this.#parts.add(knowledge);
    if (knowledge.lacked.size > 0) this.#lacking.add(knowledge);
    else this.#all = Math.max(this.#all, knowledge.until);
  }

  /** Whether they knew the tile of this key, which came as `birth` says; undefined: before the memory began. */
  includes(key: string, birth: Birth | undefined): boolean {
    const { since = 0, knowledge } = birth ?? {};
    if (since <= this.#all) return true;
    // Its writer is theirs.
    if (typeof knowledge === 'object' && this.#parts.has(knowledge)) return true;
    for (const { until, lacked } of this.#lacking) if (since <= until && !lacked.has(key)) return true;
    return false;
  }
}
