import { sameFileTile, type FileTile } from './file-tile.ts';
import { every, STEP } from './steps.ts';

/** What a writer left in the file: most likely it has it still, and adds to it. */
export interface KnownVersion {
  readonly tiles: ReadonlyMap<string, FileTile>;
  /** A later version may be by the same writer. */
  readonly superseded: boolean;
}

interface Entry extends KnownVersion {
  superseded: boolean;
  /** Keys of the tiles that were new in it: who has them wrote it, or has read the file since. */
  readonly own: readonly string[];
}

/** How a version came to be, as far as that is known. */
export interface VersionOrigin {
  /** The versions that explain it. */
  readonly from: readonly KnownVersion[];
  /** The one of them that its writer wrote before, if that is certain. */
  readonly writer: KnownVersion | undefined;
  /** What its writer has set, and removed (null). */
  readonly changes: readonly { readonly key: string; readonly tile: FileTile | null }[];
}

/** Versions that are remembered, and entries in all of them. */
const MOST_VERSIONS = 64;
const MOST_ENTRIES = 300_000;

/** The versions of the file by others, oldest first: what the next one of each of them will be based on. */
export class KnownVersions {
  #versions: Entry[] = [];
  #entries = 0;
  #isComplete = true;

  /** False: a writer was forgotten, so that a version which none of the known ones explains may be its. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /**
   * Those that a version may come from, in steps: it has nothing that is neither in them nor new.
   *
   * @param isNew whether nobody has seen the tile of this key before.
   */
  *explaining(
    tiles: ReadonlyMap<string, FileTile>,
    isNew: (key: string) => boolean,
  ): Generator<void, KnownVersion[], undefined> {
    const found: KnownVersion[] = [];
    let steps = 0;
    for (const version of [...this.#versions]) {
      let explains = true;
      for (const [key, tile] of tiles) {
        if (++steps % STEP === 0) yield;
        const had = version.tiles.get(key);
        explains = (had !== undefined && sameFileTile(had, tile)) || isNew(key);
        if (!explains) break;
      }
      if (explains) found.push(version);
    }
    return found;
  }

  /** Adds a version, in steps. */
  *add(tiles: ReadonlyMap<string, FileTile>, origin: VersionOrigin): Generator<void, void, undefined> {
    const removed = new Set<string>();
    const own: string[] = [];
    yield* every(origin.changes, ({ key, tile }) => {
      if (tile) own.push(key);
      else removed.add(key);
      return true;
    });
    const from = new Set(origin.from);
    const kept: Entry[] = [];
    for (const version of this.#versions) {
      yield;
      if (from.has(version) && (yield* hasAll(tiles, version.tiles))) {
        // It is there again, as it was.
        if (yield* isEqual(version.tiles, tiles)) continue;
        // Either its writer has added something, or somebody who had read the same.
        version.superseded = true;
      }
      if (!(yield* isOutdated(version, origin.writer, removed))) kept.push(version);
    }
    this.#versions = [...kept, { tiles, superseded: false, own }];
    this.#entries = this.#versions.reduce((sum, each) => sum + each.tiles.size, 0);
    this.#forget();
  }

  /** First those that are superseded: their writers most likely have later ones. */
  #forget(): void {
    while (this.#versions.length > MOST_VERSIONS || this.#entries > MOST_ENTRIES) {
      const index = Math.max(
        this.#versions.findIndex(({ superseded }) => superseded),
        0,
      );
      const [gone] = this.#versions.splice(index, 1);
      this.#entries -= gone!.tiles.size;
      if (!gone!.superseded) this.#isComplete = false;
    }
  }
}

type Tiles = ReadonlyMap<string, FileTile>;
type Answer = Generator<void, boolean, undefined>;

/** Whether the writer of a new version has left this one behind, with tiles that it has removed now: it has what was new in this one. */
function* isOutdated(version: Entry, writer: KnownVersion | undefined, removed: ReadonlySet<string>): Answer {
  if (!writer || (yield* hasNone(version.tiles, removed))) return false;
  if (version === writer) return true;
  const isNotIn = (key: string) => !sameFileTile(writer.tiles.get(key), version.tiles.get(key));
  if (!version.superseded || (yield* every(version.own, isNotIn))) return false;
  return yield* hasAll(writer.tiles, version.tiles);
}

function* hasAll(tiles: Tiles, others: Tiles): Answer {
  return others.size <= tiles.size && (yield* every(others.keys(), (key) => tiles.has(key)));
}

function* hasNone(tiles: Tiles, keys: ReadonlySet<string>): Answer {
  return yield* every(keys, (key) => !tiles.has(key));
}

function* isEqual(a: Tiles, b: Tiles): Answer {
  return a.size === b.size && (yield* every(a, ([key, tile]) => sameFileTile(tile, b.get(key))));
}
