import { statSync } from 'node:fs';
import { access, constants, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ABORT } from 'lmdb';
import { waitAtMost, withTimeout } from '../../concurrency/timeout.ts';
import type { StoreDescription } from '../../domain/archivable-store.ts';
import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/errors.ts';
import type { StoreFault } from '../../domain/store-error.ts';
import { ProcessIdTaken } from '../../domain/process-id-taken.ts';
import {
  STORE_TIMEOUT,
  StoreError,
  StoreUnanswered,
  StoreUnreachable,
  StoreUnusable,
} from '../../domain/store.ts';
import { forgetCleanEnd, noteCleanEnd } from './clean-end.ts';
import { DATA_FILE, dataFileDamage } from './data-file.ts';
import { isFull, lacksRoom, spaceRisk } from './disk-space.ts';
import { callError, commitError, damaged, isDamage, quietLmdb } from './lmdb-errors.ts';
import { lookFirst } from './look-first.ts';
import { makePrivateFolder } from './private-files.ts';
import { FORMATS, NEWEST_FORMAT, openTables, raiseFormat, type Tables } from './tables.ts';

/**
 * Milliseconds between two tries of a disk that took no write, and of one that has no room still: LMDB prints a line for each of them, and what
 * fits into pages that are free already may be taken all the same.
 */
const RETRY_DISK = 1000;
const RETRY_FULL = 15_000;

const folders = new Map<string, Folder>();
const closing = new Map<string, Promise<void>>();
const looks = new Map<string, Promise<void>>();

/**
 * The folder at `path`, created when there is none. All stores of one process share one `Folder` per path: two
 * LMDB environments on one file in one process can wait for each other for ever (opening one takes the write lock
 * on the main thread, which the other's transaction needs to go on). `mapSize` counts only when the folder is opened
 * for the first time.
 */
export async function openFolder(path: string, mapSize?: number): Promise<Folder> {
  const realPath = await prepare(path);
  do {
    await closing.get(realPath);
    if (!folders.has(realPath)) await lookOnce(realPath);
  } while (closing.has(realPath));
  let folder = folders.get(realPath);
  if (!folder) folders.set(realPath, (folder = new Folder(realPath, mapSize)));
  folder.users += 1;
  return folder;
}

/** {@link lookFirst}, once for all that open the folder together. */
async function lookOnce(path: string): Promise<void> {
  let look = looks.get(path);
  if (!look) looks.set(path, (look = lookFirst(path).finally(() => looks.delete(path))));
  return look;
}

/** One LMDB environment, and the number of its users in this process. */
export class Folder {
  readonly path: string;
  readonly tables: Tables;
  users = 0;
  readonly #watchers = new Set<() => void>();
  /** Why the disk did not take the last write, and when (monotonic) that was. */
  #failed: { readonly error: StoreError; triedAt: number } | undefined;

  constructor(path: string, mapSize?: number) {
    this.path = path;
    const damage = dataFileDamage(path);
    if (damage !== undefined) throw damaged(path, damage);
    forgetCleanEnd(path);
    quietLmdb();
    try {
      this.tables = openTables(path, mapSize);
    } catch (error) {
      if (isDamage(error)) throw damaged(path, messageOf(error), error);
      throw new Error(`The store in ${path} cannot be opened: ${messageOf(error)}.`, { cause: error });
    }
    const format = this.#readFormat();
    if (format === undefined) {
      raiseFormat(this.tables, 'none');
    } else if (!Object.values(FORMATS).includes(format as number)) {
      void this.tables.root.close();
      throw new StoreUnusable(
        `The store in ${path} has format ${format}, and this compositord knows only ${NEWEST_FORMAT}: use the newer compositord that wrote it.`,
        { reason: 'newer-format' },
      );
    }
  }

  /** The first read. LMDB gives no second reader to a process id, and lmdb-js then reads from null. */
  #readFormat(): string | number | undefined {
    try {
      return this.tables.meta.get('format');
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      void this.tables.root.close();
      const why = `another process that uses it has the process id ${process.pid}, too, as in two containers`;
      throw new ProcessIdTaken(`The store in ${this.path} cannot be used: ${why}.`, { cause: error });
    }
  }

  /**
   * Runs `work` in a write transaction and resolves once it is on the disk. What `work` throws undoes all it did.
   * Rejects with what the port allows after at most `timeout` (ms).
   */
  async transact<T>(clock: Clock, work: () => T, timeout = STORE_TIMEOUT): Promise<T> {
    this.#throwWhileRefused(clock.monotonic());
    const state: { begun: boolean; timedOut: boolean; thrown?: unknown } = { begun: false, timedOut: false };
    // childTransaction, because transaction() keeps what a callback wrote before it threw.
    const run = () =>
      this.tables.root.childTransaction(() => {
        if (state.timedOut) return ABORT as never;
        state.begun = true;
        try {
          return work();
        } catch (error) {
          state.thrown = error;
          throw error;
        }
      });
    const late = () => {
      state.timedOut = true;
      return state.begun
        ? new StoreUnanswered('the embedded store has not confirmed the write in time', {
            reason: 'disk-slow',
          })
        : new StoreUnreachable('the embedded store is locked by another process, or its disk hangs', {
            reason: 'locked',
          });
    };
    try {
      const result = await withTimeout(clock, timeout, this.#begin(run), late);
      this.#failed = undefined;
      return result;
    } catch (error) {
      const thrown = state.thrown === undefined ? error : callError(this.path, state.thrown);
      if (isOfDisk(thrown)) this.#failed = { error: thrown, triedAt: clock.monotonic() };
      throw thrown;
    }
  }

  /** Whether a write would be taken: tried where the last one was not. Resolves to what will be wrong soon. */
  async check(clock: Clock): Promise<StoreFault | undefined> {
    if (this.#failed)
      await this.transact(clock, () => this.tables.meta.putSync('probe', Math.floor(clock.monotonic())));
    return spaceRisk(this.path);
  }

  /** One call is let through now and then, to try. */
  #throwWhileRefused(now: number): void {
    const failed = this.#failed;
    if (!failed) return;
    const { message, reason, cause } = failed.error;
    const since = now - failed.triedAt;
    if (since < RETRY_DISK || (since < RETRY_FULL && isFull(this.path)))
      throw new StoreUnreachable(message, { reason, cause });
    failed.triedAt = now;
  }

  /** Starts a write of lmdb-js: it fails at once when the store is closed, later when LMDB cannot write. */
  async #begin<T>(run: () => Promise<T>): Promise<T> {
    let answer: Promise<T>;
    try {
      answer = run();
    } catch (error) {
      throw new StoreUnreachable(`the embedded store is closed: ${messageOf(error)}`, { cause: error });
    }
    try {
      return await answer;
    } catch (error) {
      throw await commitError(this.path, error);
    }
  }

  /** Runs `work` on one snapshot, which has every commit answered so far, also those of other processes. */
  read<T>(work: (tables: Tables) => T): T {
    try {
      // lmdb-js keeps one snapshot for a whole turn of the event loop.
      this.tables.root.resetReadTxn();
      return work(this.tables);
    } catch (error) {
      throw callError(this.path, error);
    }
  }

  describe(): StoreDescription {
    const format = this.tables.meta.get('format') as number | undefined;
    return { where: this.path, format, bytes: statSync(join(this.path, DATA_FILE)).size };
  }

  /** Calls `watcher` after another user in this process committed. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Calls all watchers but that of the author. */
  announce(author: () => void): void {
    for (const watcher of this.#watchers) if (watcher !== author) watcher();
  }

  /** The last user closes the environment, after the writes under way. */
  async release(watcher: () => void, clock: Clock): Promise<void> {
    this.#watchers.delete(watcher);
    this.users -= 1;
    if (this.users > 0) return;
    folders.delete(this.path);
    const closed = this.tables.root.close().then(() => noteCleanEnd(this.path));
    closing.set(this.path, closed);
    const done = closed.finally(() => closing.delete(this.path));
    // A hanging disk must not keep the daemon from ending.
    await waitAtMost(clock, STORE_TIMEOUT, done);
  }
}

function isOfDisk(error: unknown): error is StoreError {
  return error instanceof StoreError && ['disk-full', 'disk-failing', 'read-only'].includes(error.reason);
}

async function prepare(path: string): Promise<string> {
  try {
    await makePrivateFolder(resolve(path));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    if (lacksRoom(path)) throw Object.assign(new Error(), { code: 'ENOSPC' });
    return await realpath(path);
  } catch (error) {
    throw new Error(`The store's folder ${path} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'there is a file in its way',
  EACCES: 'no permission to write there',
  EPERM: 'no permission to write there',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
};

function reasonOf(error: unknown): string {
  return REASONS[(error as NodeJS.ErrnoException).code ?? ''] ?? messageOf(error);
}
