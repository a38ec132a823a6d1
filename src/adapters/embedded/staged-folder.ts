import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'lmdb';
import type { FinishOptions, Intake } from '../../domain/archivable-store.ts';
import type { ArchivePart, ArchiveProgress } from '../../domain/archive.ts';
import type { Clock } from '../../domain/clock.ts';
import { GENESIS, type Cursor } from '../../domain/cursor.ts';
import { leaseKey } from '../../domain/lease.ts';
import type { MemoryGuard } from '../../domain/memory-guard.ts';
import { patchOf } from '../../domain/patch.ts';
import type { LoadedState } from '../../domain/store.ts';
import { StoreUnusable } from '../../domain/store-error.ts';
import type { StoreFeature } from '../../domain/store-feature.ts';
import { appendLog, encodeLog } from './commit-log.ts';
import { requireRoom } from './disk-space.ts';
import { openFolder, type Folder } from './folder.ts';
import { STAGING } from './private-files.ts';
import { encodePatch, readState, writePatch } from './state.ts';
import { headOf, raiseFormat, type Tables } from './tables.ts';

export interface StagedFolderOptions {
  /** The folder of the store that is to be filled. */
  readonly target: Folder;
  readonly clock: Clock;
  readonly memory: MemoryGuard;
  /** Of the archive. */
  readonly name: string;
  /** Called with the new head. */
  readonly onFinished: (head: Cursor) => void;
}

/** Milliseconds for one part: nobody waits for it but the person who restores. */
const PART_TIMEOUT = 60_000;
/** The same for the last step, which writes everything in one transaction. */
const FINISH_TIMEOUT = 600_000;

interface Mark extends ArchiveProgress {
  readonly name: string;
}

/** What is taken in lies in a store of its own, in a folder inside that of the store. */
export class StagedFolder implements Intake {
  readonly progress: ArchiveProgress | undefined;
  readonly #options: StagedFolderOptions;
  readonly #staged: Folder;
  #closed = false;

  /** Throws an Error of one line when the folder cannot be used. */
  static async open(options: StagedFolderOptions): Promise<StagedFolder> {
    const path = join(options.target.path, STAGING);
    const staged = await openFolder(path).catch(async (error: unknown) => {
      if (!(error instanceof StoreUnusable && error.reason === 'damaged')) throw error;
      // Nothing is lost with what was laid there before.
      await rm(path, { recursive: true, force: true });
      return openFolder(path);
    });
    const mark = staged.read(markOf);
    if (mark?.name === options.name) return new StagedFolder(options, staged, mark);
    await staged.transact(
      options.clock,
      () => {
        clear(staged.tables);
        setMark(staged.tables, { name: options.name, lines: 0, sum: '' });
      },
      PART_TIMEOUT,
    );
    return new StagedFolder(options, staged, undefined);
  }

  private constructor(options: StagedFolderOptions, staged: Folder, mark: Mark | undefined) {
    this.#options = options;
    this.#staged = staged;
    this.progress = mark && mark.lines > 0 ? { lines: mark.lines, sum: mark.sum } : undefined;
  }

  async add(part: ArchivePart, { lines, sum }: ArchiveProgress): Promise<void> {
    const { clock, name } = this.#options;
    const { commits, leases, ...entries } = part;
    const log = encodeLog(commits);
    const changes = encodePatch(
      patchOf({
        compositors: new Map(entries.compositors),
        regions: new Map(entries.regions),
        tiles: new Map(entries.tiles),
      }),
    );
    const head = commits.at(-1)?.cursor;
    const { tables } = this.#staged;
    const work = () => {
      if (markOf(tables)?.name !== name) throw new Error('Another restore into this folder has begun.');
      if (head !== undefined) appendLog(tables, log, head);
      writePatch(tables, changes);
      for (const lease of leases) tables.leases.putSync(leaseKey(lease), lease.deadline);
      setMark(tables, { name, lines, sum });
    };
    requireRoom(this.#staged.path);
    await this.#staged.transact(clock, work, PART_TIMEOUT);
  }

  async load(): Promise<LoadedState> {
    const { memory } = this.#options;
    const damaged = (what: string) => new Error(`What was taken in contradicts itself: ${what}.`);
    return this.#staged.read((tables) => readState(tables, { damaged, memory, image: undefined }));
  }

  async finish({ replace, feature }: FinishOptions): Promise<boolean> {
    const { target, clock, onFinished } = this.#options;
    const head = this.#staged.read(headOf);
    const work = () => {
      if (!replace && headOf(target.tables) !== GENESIS) return false;
      this.#staged.read((staged) => replaceAll(target.tables, staged, feature));
      return true;
    };
    requireRoom(target.path);
    const done = await target.transact(clock, work, FINISH_TIMEOUT);
    if (!done) return false;
    onFinished(head);
    await this.discard();
    return true;
  }

  async discard(): Promise<void> {
    await this.close();
    await rm(this.#staged.path, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#staged.release(() => undefined, this.#options.clock);
  }
}

/** Gives `tables` the content of `staged`. What needs the format may still be known to whoever has the store open, so it is never lowered. */
function replaceAll(tables: Tables, staged: Tables, feature: StoreFeature): void {
  clear(tables);
  copy(staged.log, tables.log);
  copy(staged.tiles, tables.tiles);
  copy(staged.compositors, tables.compositors);
  copy(staged.regions, tables.regions);
  copy(staged.leases, tables.leases);
  tables.meta.putSync('head', headOf(staged));
  raiseFormat(tables, feature);
}

/** Everything but claims and format. */
function clear({ log, tiles, compositors, regions, leases, withdrawn, meta }: Tables): void {
  for (const table of [log, tiles, compositors, regions, leases, withdrawn]) table.clearSync();
  meta.removeSync('head');
}

function copy<V, K extends string | number>(from: Database<V, K>, to: Database<V, K>): void {
  for (const { key, value } of from.getRange()) to.putSync(key, value);
}

function markOf({ meta }: Tables): Mark | undefined {
  return meta.get('archive') as unknown as Mark | undefined;
}

function setMark({ meta }: Tables, mark: Mark): void {
  meta.putSync('archive', mark as unknown as string);
}
