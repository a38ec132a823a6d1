import type { ArchivableStore, Intake } from '../../domain/archivable-store.ts';
import {
  ArchiveError,
  EMPTY_PART,
  partSize,
  type ArchiveHeader,
  type ArchivePart,
  type ArchiveProgress,
} from '../../domain/archive.ts';
import { commitSize } from '../../domain/commit.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import { formatDigest } from '../../domain/digest.ts';
import { restoreCommit } from '../../domain/restore-commit.ts';
import { newestFeature, STORE_FEATURES, type StoreFeature } from '../../domain/store-feature.ts';
import type { LoadedState } from '../../domain/store.ts';
import { readArchive } from './read-archive.ts';

export interface RestoreOptions {
  /** Of the archive. */
  readonly lines: AsyncIterable<string>;
  readonly store: ArchivableStore;
  /** Whatever the store holds is lost. */
  readonly replace: boolean;
  /** Of the commit that it adds. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Ends it early; what was taken in by then can be taken up by another restore of the same archive. */
  readonly signal: AbortSignal;
  /** Called with the number of entries that were read. */
  readonly onProgress: (entries: number, header: ArchiveHeader) => void;
}

export interface Restored {
  readonly header: ArchiveHeader;
  readonly head: Cursor;
  /** Lines that an earlier restore, which was cut, had taken in. */
  readonly takenBefore: number;
}

/** The store that is to be filled holds something. */
export class StoreNotEmpty extends Error {
  override name = 'StoreNotEmpty';
}

/** Entries, and about how many bytes of commits, that go to the store together. */
const MOST_ENTRIES = 2000;
const MOST_BYTES = 1024 * 1024;

/**
 * Makes an archive the content of a store. Until the last step nobody sees any of it, so the archive is read once and found whole or
 * damaged on the way. Throws an {@link ArchiveError}, a {@link StoreNotEmpty}, what the store throws, and the reason of the signal.
 */
export async function restoreArchive(options: RestoreOptions): Promise<Restored> {
  const { store, replace, signal } = options;
  if (!replace && (await store.head()) !== GENESIS) throw new StoreNotEmpty();
  const restore = new Restore(options);
  try {
    return await restore.run();
  } catch (error) {
    // A cut restore goes on where it was. A failed one would fail again, perhaps because there is no room.
    if (!signal.aborted) await restore.discard().catch(() => undefined);
    throw error;
  } finally {
    await restore.close();
  }
}

class Restore {
  readonly #options: RestoreOptions;
  #intake: Intake | undefined;
  #waiting: { part: ArchivePart; bytes: number } = { part: EMPTY_PART, bytes: 0 };
  #feature: StoreFeature = 'none';

  constructor(options: RestoreOptions) {
    this.#options = options;
  }

  async run(): Promise<Restored> {
    const { lines, store, signal, onProgress, id, now } = this.#options;
    let entries = 0;
    let header: ArchiveHeader | undefined;
    let progress: ArchiveProgress = { lines: 0, sum: '' };
    for await (const line of readArchive(lines)) {
      signal.throwIfAborted();
      ({ header } = line);
      ({ progress } = line.decoder);
      this.#intake ??= await store.takeIn(progress.sum.slice(0, 16));
      this.#noteFeature(line.part);
      if (!wasTaken(progress, this.#intake.progress)) await this.#take(line.part, progress);
      entries += partSize(line.part);
      onProgress(entries, header);
    }
    const intake = this.#intake!;
    await this.#take({ ...EMPTY_PART, commits: [restoreCommit(header!, { id, now })] }, progress);
    await this.#flush(progress);
    const head = requireAll(await intake.load(), header!);
    signal.throwIfAborted();
    const done = await intake.finish({ replace: this.#options.replace, feature: this.#feature });
    if (!done) throw new StoreNotEmpty();
    return { header: header!, head, takenBefore: intake.progress?.lines ?? 0 };
  }

  async discard(): Promise<void> {
    await this.#intake?.discard();
  }

  async close(): Promise<void> {
    await this.#intake?.close();
  }

  async #take(part: ArchivePart, progress: ArchiveProgress): Promise<void> {
    const bytes = part.commits.reduce((sum, commit) => sum + commitSize(commit), 0);
    this.#waiting = { part: joined(this.#waiting.part, part), bytes: this.#waiting.bytes + bytes };
    if (partSize(this.#waiting.part) >= MOST_ENTRIES || this.#waiting.bytes >= MOST_BYTES)
      await this.#flush(progress);
  }

  async #flush(progress: ArchiveProgress): Promise<void> {
    const { part } = this.#waiting;
    this.#waiting = { part: EMPTY_PART, bytes: 0 };
    if (partSize(part) > 0) await this.#intake!.add(part, progress);
  }

  #noteFeature({ commits, regions }: ArchivePart): void {
    const feature = newestFeature(commits, { regions: { size: regions.length } });
    if (STORE_FEATURES.indexOf(feature) > STORE_FEATURES.indexOf(this.#feature)) this.#feature = feature;
  }
}

/** Whether an earlier restore had taken what stands before here. Throws when that was other than what stands there now. */
function wasTaken(here: ArchiveProgress, before: ArchiveProgress | undefined): boolean {
  if (!before || here.lines > before.lines) return false;
  if (here.lines === before.lines && here.sum !== before.sum)
    throw new ArchiveError('is another than the one of which a restore was cut: run the command again');
  return true;
}

/** What the decoder cannot see: an entry that comes twice is counted twice there, and once by a store. Returns the head. */
function requireAll({ head, manifest, log }: LoadedState, { digest, counts }: ArchiveHeader): Cursor {
  if (
    formatDigest(manifest.digest) !== digest ||
    manifest.compositorCount !== counts.compositors ||
    manifest.regionCount !== counts.regions ||
    log.length !== counts.commits + 1
  )
    throw new ArchiveError('holds an entry twice');
  return head;
}

function joined(a: ArchivePart, b: ArchivePart): ArchivePart {
  return {
    compositors: [...a.compositors, ...b.compositors],
    regions: [...a.regions, ...b.regions],
    leases: [...a.leases, ...b.leases],
    tiles: [...a.tiles, ...b.tiles],
    commits: [...a.commits, ...b.commits],
  };
}
