import { access, constants, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ABORT } from 'lmdb';
import { waitAtMost, withTimeout } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { messageOf } from '../../domain/errors.ts';
import { STORE_TIMEOUT, StoreUnanswered, StoreUnreachable } from '../../domain/store.ts';
import { dataFileDamage } from './data-file.ts';
import { makePrivateFolder } from './private-files.ts';
import { FORMAT, FORMAT_WITHOUT_WITHDRAWALS, openTables, type Tables } from './tables.ts';

const folders = new Map<string, Folder>();
const closing = new Map<string, Promise<void>>();

/**
 * The folder at `path`, created when there is none. All stores of one process share one `Folder` per path: two
 * LMDB environments on one file in one process can wait for each other for ever (opening one takes the write lock
 * on the main thread, which the other's transaction needs to go on). `mapSize` counts only when the folder is opened
 * for the first time.
 */
export async function openFolder(path: string, mapSize?: number): Promise<Folder> {
  const realPath = await prepare(path);
  while (closing.has(realPath)) await closing.get(realPath);
  let folder = folders.get(realPath);
  if (!folder) folders.set(realPath, (folder = new Folder(realPath, mapSize)));
  folder.users += 1;
  return folder;
}

/** One LMDB environment, and the number of its users in this process. */
export class Folder {
  readonly path: string;
  readonly tables: Tables;
  users = 0;
  readonly #watchers = new Set<() => void>();

  constructor(path: string, mapSize?: number) {
    this.path = path;
    const damage = dataFileDamage(path);
    if (damage !== undefined) throw damaged(path, damage);
    try {
      this.tables = openTables(path, mapSize);
    } catch (error) {
      throw new Error(`The store in ${path} cannot be opened: ${messageOf(error)}.`, { cause: error });
    }
    const format = this.tables.meta.get('format');
    if (format === undefined) {
      this.tables.meta.putSync('format', FORMAT_WITHOUT_WITHDRAWALS);
    } else if (format !== FORMAT && format !== FORMAT_WITHOUT_WITHDRAWALS) {
      void this.tables.root.close();
      throw new Error(
        `The store in ${path} has format ${format}, and this compositord knows only ${FORMAT}: use the newer compositord that wrote it.`,
      );
    }
  }

  /**
   * Runs `work` in a write transaction and resolves once it is on the disk. What `work` throws undoes all it did.
   * Rejects with what the port allows after at most `timeout` (ms).
   */
  async transact<T>(clock: Clock, work: () => T, timeout = STORE_TIMEOUT): Promise<T> {
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
        ? new StoreUnanswered('the embedded store has not confirmed the write in time')
        : new StoreUnreachable('the embedded store is locked by another process, or its disk hangs');
    };
    try {
      return await withTimeout(clock, timeout, begin(run), late);
    } catch (error) {
      throw state.thrown === undefined ? error : unreachable(state.thrown);
    }
  }

  /** Runs `work` on one snapshot, which has every commit answered so far, also those of other processes. */
  read<T>(work: (tables: Tables) => T): T {
    try {
      // lmdb-js keeps one snapshot for a whole turn of the event loop.
      this.tables.root.resetReadTxn();
      return work(this.tables);
    } catch (error) {
      throw unreachable(error);
    }
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
    const closed = this.tables.root.close();
    closing.set(this.path, closed);
    const done = closed.finally(() => closing.delete(this.path));
    // A hanging disk must not keep the daemon from ending.
    await waitAtMost(clock, STORE_TIMEOUT, done);
  }
}

export function damaged(path: string, what: string): Error {
  return new Error(
    `The store in ${path} is damaged: ${what}. Restore it from a copy, or move the folder away.`,
  );
}

/** Starts a write of lmdb-js: it fails at once when the store is closed, later when LMDB cannot write. */
async function begin<T>(run: () => Promise<T>): Promise<T> {
  let answer: Promise<T>;
  try {
    answer = run();
  } catch (error) {
    throw new StoreUnreachable(`the embedded store is closed: ${messageOf(error)}`, { cause: error });
  }
  try {
    return await answer;
  } catch (error) {
    const reason = (error as { commitError?: Promise<unknown> }).commitError;
    // It rejects, too, and would end the process unhandled.
    reason?.catch(() => undefined);
    throw new StoreUnanswered('the embedded store could not be written; is its disk full or failing?', {
      cause: error,
    });
  }
}

/** LMDB's errors carry a number as their code; any other error is a bug of ours and stays as it is. */
function unreachable(error: unknown): unknown {
  if (!(error instanceof Error) || typeof (error as { code?: unknown }).code !== 'number') return error;
  return new StoreUnreachable(`the embedded store failed: ${error.message}`, { cause: error });
}

async function prepare(path: string): Promise<string> {
  try {
    await makePrivateFolder(resolve(path));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
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
