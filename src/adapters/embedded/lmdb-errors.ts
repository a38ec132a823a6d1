import {
  StoreUnanswered,
  StoreUnreachable,
  StoreUnusable,
  type StoreReason,
} from '../../domain/store-error.ts';
import { isFull } from './disk-space.ts';

/** What the system says of a disk, by its number (errno): of a write that was not done. */
const NOT_WRITTEN: Readonly<Record<number, StoreReason>> = {
  27: 'disk-full', // EFBIG: a limit of this process, or of the file system
  28: 'disk-full', // ENOSPC
  30: 'read-only', // EROFS
  122: 'disk-full', // EDQUOT
};

/** LMDB's own numbers for a file that is not whole: page not found, corrupted, panic, version, invalid, bad txn, bad value size. */
const DAMAGE = new Set([-30797, -30796, -30795, -30794, -30793, -30782, -30781]);

/** The number that LMDB, or the system through it, gave an error; undefined for any other error. */
export function lmdbCode(error: unknown): number | undefined {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'number' ? code : undefined;
}

export function isDamage(error: unknown): boolean {
  return DAMAGE.has(lmdbCode(error) ?? 0);
}

/** The error for what the store in `path` holds. */
export function damaged(path: string, what: string, cause?: unknown): StoreUnusable {
  return new StoreUnusable(
    `The store in ${path} is damaged: ${what}. Restore it from a backup (compositord restore), or move the folder away.`,
    { reason: 'damaged', cause },
  );
}

/** What a call on the store in `path` throws for an error of LMDB's; any other error is a bug of ours and stays as it is. */
export function callError(path: string, error: unknown): unknown {
  const code = lmdbCode(error);
  if (code === undefined) return error;
  const { message } = error as Error;
  if (isDamage(error)) return damaged(path, message, error);
  const reason = NOT_WRITTEN[code] ?? 'disk-failing';
  return new StoreUnreachable(`the embedded store failed: ${message}`, { reason, cause: error });
}

/** What a write throws that LMDB did not commit. `error` is what lmdb-js rejects it with, which keeps the reason in a promise. */
export async function commitError(path: string, error: unknown): Promise<unknown> {
  const reason = (error as { commitError?: Promise<unknown> }).commitError;
  // It rejects, too, and would end the process unhandled.
  const why: unknown = await reason?.then(undefined, (cause: unknown) => cause);
  const code = lmdbCode(why);
  if (code === undefined)
    return new StoreUnanswered('the embedded store could not be written', {
      reason: 'disk-failing',
      cause: why ?? error,
    });
  const message = messageOfWrite(why as Error);
  if (isDamage(why)) return damaged(path, message, why);
  const known = NOT_WRITTEN[code] ?? (isFull(path) ? 'disk-full' : undefined);
  const options = { reason: known ?? 'disk-failing', cause: why } as const;
  // LMDB calls a write that the end of the disk has cut an error of the disk.
  const text = `the embedded store could not be written: ${known === 'disk-full' ? 'the disk is full' : message}`;
  return known ? new StoreUnreachable(text, options) : new StoreUnanswered(text, options);
}

/** Where in its file LMDB was is for its authors. */
const POSITION = /: Attempting to write page .*$/s;

function messageOfWrite({ message }: Error): string {
  // LMDB has printed it itself, without an end: the next line of the log would be part of that.
  if (POSITION.test(message)) process.stderr.write('\n');
  return message.replace(POSITION, '');
}

let isQuiet = false;

/** lmdb-js prints the error of each commit that failed, with its stack, although it rejects it as well: the log would fill with what is no JSON. */
export function quietLmdb(): void {
  if (isQuiet) return;
  isQuiet = true;
  const print = console.error.bind(console);
  console.error = (...all: unknown[]) => {
    if (lmdbCode(all[0]) === undefined) print(...all);
  };
}
