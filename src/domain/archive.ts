import type { Commit } from './commit.ts';
import type { Compositor } from './compositor.ts';
import type { Cursor } from './cursor.ts';
import type { Lease } from './lease.ts';
import type { Region } from './region.ts';
import type { Tile } from './tile.ts';

/**
 * An archive: everything that a store holds at one cursor, for another store to be filled with. Lines of JSON, in gzip:
 *
 *     {"archive":"compositord","format":1,"head":...,"digest":...,"counts":{...},...}
 *     {"compositors":[[id, entry],...]}        any number of these lines, each with any number of entries
 *     {"regions":[[id, region],...]}
 *     {"leases":[[id, generation, deadline],...]}
 *     {"tiles":[["x,y", tile],...]}
 *     {"commit":{...}}                         oldest first
 *     {"end":{"lines":n,"sha256":...}}         of all bytes before it
 */
export const ARCHIVE_FORMAT = 1;

/** How many entries of each kind there are. */
export interface ArchiveCounts {
  readonly compositors: number;
  readonly regions: number;
  readonly leases: number;
  readonly tiles: number;
  readonly commits: number;
}

export interface ArchiveHeader {
  readonly head: Cursor;
  /** Of the tiles, as in a commit. */
  readonly digest: string;
  /** When it was taken: RFC 3339. */
  readonly createdAt: string;
  /** The kind of store it was taken from. */
  readonly store: string;
  /** Of the compositord that took it. */
  readonly version: string;
  /** The store was away: this is the last that a daemon knew, and without leases. */
  readonly degraded: boolean;
  readonly counts: ArchiveCounts;
}

/** Some of what an archive holds. */
export interface ArchivePart {
  readonly compositors: readonly (readonly [string, Compositor])[];
  readonly regions: readonly (readonly [string, Region])[];
  readonly leases: readonly Lease[];
  readonly tiles: readonly (readonly [string, Tile])[];
  /** Each on the one before it. */
  readonly commits: readonly Commit[];
}

export const EMPTY_PART: ArchivePart = { compositors: [], regions: [], leases: [], tiles: [], commits: [] };

/** How far a reader of an archive has come: the same for the same bytes. */
export interface ArchiveProgress {
  readonly lines: number;
  /** The SHA-256 of these lines, in hexadecimal. */
  readonly sum: string;
}

/** What is read is no archive, is not whole, or contradicts itself. The message is a part of a sentence: `it ...`. */
export class ArchiveError extends Error {
  override name = 'ArchiveError';
}

/** How many entries a part has. */
export function partSize({ compositors, regions, leases, tiles, commits }: ArchivePart): number {
  return compositors.length + regions.length + leases.length + tiles.length + commits.length;
}

/** How many entries there are in all. */
export function totalOf({ compositors, regions, leases, tiles, commits }: ArchiveCounts): number {
  return compositors + regions + leases + tiles + commits;
}
