import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ABORT } from 'lmdb';
import type { Clock } from '../../domain/clock.ts';
import { STORE_TIMEOUT, StoreUnanswered, StoreUnreachable } from '../../domain/store.ts';
import { dataFileFault } from './data-file.ts';
import { FORMAT, openTables, type Tables } from './tables.ts';

const folders = new Map<string, Folder>();
const closing = new Map<string, Promise<void>>();

/**
 * The folder at `path`, created when there is none. All stores of one process share one `Folder` per place: two
 * LMDB environments on one file in one process can wait for each other for ever (opening one takes the write lock
 * on the main thread, which the other's transaction needs to go on). `mapSize` counts for who opens it first.
 */
export async function openFolder(path: string, mapSize?: number): Promise<Folder> {
  const place = await prepare(path);
  while (closing.has(place)) await closing.get(place);
  let folder = folders.get(place);
  if (!folder) folders.set(place, (folder = new Folder(place, mapSize)));
  folder.users += 1;
  return folder;
}

/** One LMDB environment and who in this process uses it. */
export class Folder {
  readonly path: string;
  readonly tables: Tables;
  users = 0;
  readonly #watchers = new Set<() => void>();

  constructor(path: string, mapSize?: number) {
    this.path = path;
    const fault = dataFileFault(path);
    if (fault !== undefined) throw damaged(path, fault);
    try {
      this.tables = openTables(path, mapSize);
    } catch (error) {
      throw new Error(`The store in ${path} cannot be opened: ${messageOf(error)}.`, { cause: error });
    }
    const format = this.tables.meta.get('format');
    if (format === undefined) {
      this.tables.meta.putSync('format', FORMAT);
    } else if (format !== FORMAT) {
      void this.tables.root.close();
      throw new Error(
        `The store in ${path} has format ${format}, and this compositord knows only ${FORMAT}: use the newer compositord that wrote it.`,
      );
    }
  }

  /**
   * Runs `work` in a write transaction and resolves once it is on the disk. What `work` throws undoes all it did.
   * Rejects with what the port allows after at most {@link STORE_TIMEOUT}.
   */
  async transact<T>(clock: Clock, work: () => T): Promise<T> {
    const state: { begun: boolean; givenUp: boolean; thrown?: unknown } = { begun: false, givenUp: false };
    // childTransaction, because transaction() keeps what a callback wrote before it threw.
    const run = () =>
      this.tables.root.childTransaction(() => {
        if (state.givenUp) return ABORT as never;
        state.begun = true;
        try {
          return work();
        } catch (error) {
          state.thrown = error;
          throw error;
        }
      });
    let cancel: () => void = () => undefined;
    const patience = new Promise<never>((_, reject) => {
      cancel = clock.after(STORE_TIMEOUT, () => {
        // After a stall of our own process the answer may be waiting behind this very timer: let it through first.
        clock.soon(() => {
          state.givenUp = true;
          reject(
            state.begun
              ? new StoreUnanswered('the embedded store has not confirmed the write in time')
              : new StoreUnreachable('the embedded store is locked by another process, or its disk hangs'),
          );
        });
      });
    });
    try {
      return await Promise.race([begin(run), patience]);
    } catch (error) {
      throw state.thrown === undefined ? error : unreachable(state.thrown);
    } finally {
      cancel();
    }
  }

  /** Runs `work` on one snapshot that has every commit answered so far, another process's too. */
  view<T>(work: (tables: Tables) => T): T {
    try {
      // lmdb-js keeps one snapshot for a whole turn of the event loop.
      this.tables.root.resetReadTxn();
      return work(this.tables);
    } catch (error) {
      throw unreachable(error);
    }
  }

  /** Calls `watcher` after somebody else in this process committed. */
  watch(watcher: () => void): void {
    this.#watchers.add(watcher);
  }

  /** Tells all watchers but `author`, who knows. */
  announce(author: () => void): void {
    for (const watcher of this.#watchers) if (watcher !== author) watcher();
  }

  /** The last one out closes the environment, after the writes under way. */
  async release(watcher: () => void, clock: Clock): Promise<void> {
    this.#watchers.delete(watcher);
    this.users -= 1;
    if (this.users > 0) return;
    folders.delete(this.path);
    const closed = this.tables.root.close();
    closing.set(this.path, closed);
    const done = closed.finally(() => closing.delete(this.path));
    // A hanging disk must not keep the daemon from ending.
    await Promise.race([done, new Promise<void>((resolve) => clock.after(STORE_TIMEOUT, resolve))]);
  }
}

export function damaged(path: string, what: string): Error {
  return new Error(
    `The store in ${path} is damaged: ${what}. Restore it from a copy, or move the folder away.`,
  );
}

/** A write that lmdb-js took: it fails at once (closed), or when LMDB cannot write. */
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
    // Rejects too, and would end the process if nobody looked at it.
    reason?.catch(() => undefined);
    throw new StoreUnanswered('the embedded store could not be written; is its disk full or failing?', {
      cause: error,
    });
  }
}

/** LMDB's errors carry a number as their code; any other is a bug, and passes as it is. */
function unreachable(error: unknown): unknown {
  if (!(error instanceof Error) || typeof (error as { code?: unknown }).code !== 'number') return error;
  return new StoreUnreachable(`the embedded store failed: ${error.message}`, { cause: error });
}

async function prepare(path: string): Promise<string> {
  try {
    await makeFolder(resolve(path));
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(path);
  } catch (error) {
    throw new Error(`The store's folder ${path} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
}

/** Not mkdir's own recursion: below a file system that has no folders to give, such as /proc, it never ends. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFolder(dirname(path));
    await mkdir(path);
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
