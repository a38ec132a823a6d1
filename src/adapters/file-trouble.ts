import { FileTrouble } from '../domain/shared-file.ts';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'its rights forbid it',
  EPERM: 'its rights forbid it',
  EROFS: 'it is on a file system that can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk is full',
  ENOENT: 'its folder is missing',
  ENOTDIR: 'its folder is missing',
  EISDIR: 'a folder is in its place',
};

/** The error of a file system, without a path in it; `what`: what cannot be done with the file. */
export function troubleOf(error: unknown, what: string): Error {
  if (error instanceof FileTrouble) return error;
  const { code } = error as NodeJS.ErrnoException;
  // No error of the system: a bug, or what the taker of the pieces has thrown.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) return error as Error;
  return new FileTrouble(`cannot ${what}: ${REASONS[code] ?? code}`, { cause: error });
}
