import { createHash } from 'node:crypto';
import {
  ARCHIVE_FORMAT,
  ArchiveError,
  EMPTY_PART,
  type ArchiveCounts,
  type ArchiveHeader,
  type ArchivePart,
  type ArchiveProgress,
} from './archive.ts';
import { compositorEntries, leaseEntries, regionEntries, tileEntries } from './archive-entries.ts';
import { decodeCommit, isComplete, type Commit } from './commit.ts';
import { parseCursor } from './cursor.ts';
import { addTile, EMPTY_DIGEST, formatDigest, type Digest } from './digest.ts';
import { isObject, parseJson } from './json.ts';
import { patchSize } from './patch.ts';

const KINDS = ['compositors', 'regions', 'leases', 'tiles', 'commits'] as const;
const COMMIT = '{"commit":';

/** Reads an archive line by line, and checks that it is whole. */
export class ArchiveDecoder {
  readonly #hash = createHash('sha256');
  readonly #counts = { compositors: 0, regions: 0, leases: 0, tiles: 0, commits: 0 };
  #header: ArchiveHeader | undefined;
  #lines = 0;
  #digest: Digest = EMPTY_DIGEST;
  #oldest: Commit | undefined;
  #last: Commit | undefined;
  #ended = false;

  /** What it says of itself; undefined before its first line. */
  get header(): ArchiveHeader | undefined {
    return this.#header;
  }

  /** The oldest commit, once it was read. */
  get oldest(): Commit | undefined {
    return this.#oldest;
  }

  /** The newest one until now. */
  get last(): Commit | undefined {
    return this.#last;
  }

  get progress(): ArchiveProgress {
    return { lines: this.#lines, sum: this.#hash.copy().digest('hex') };
  }

  /** Takes the next line, which comes without its end; returns what it holds. Throws an {@link ArchiveError}. */
  take(line: string): ArchivePart {
    if (this.#ended) throw new ArchiveError('goes on after its end');
    if (line.startsWith('{"end":')) {
      this.#checkEnd(line);
      return EMPTY_PART;
    }
    const part = this.#header ? this.#part(line, this.#header.counts) : this.#begin(line);
    this.#hash.update(line).update('\n');
    this.#lines += 1;
    return part;
  }

  /** There are no more lines. Throws an {@link ArchiveError} when some are missing. */
  finish(): void {
    if (!this.#header) throw new ArchiveError('is empty');
    if (!this.#ended) throw new ArchiveError('is cut off');
  }

  #begin(line: string): ArchivePart {
    const value = parseJson(line);
    const { archive, format } = isObject(value) ? value : {};
    if (!isObject(value) || archive !== 'compositord' || typeof format !== 'number')
      throw new ArchiveError('is no archive of compositord');
    if (format !== ARCHIVE_FORMAT)
      throw new ArchiveError(
        `has format ${format}, and this compositord knows only ${ARCHIVE_FORMAT}: use the newer compositord that wrote it`,
      );
    this.#header = headerIn(value);
    return EMPTY_PART;
  }

  #part(line: string, promised: ArchiveCounts): ArchivePart {
    const part = line.startsWith(COMMIT) ? this.#commit(line) : this.#entries(line);
    for (const kind of KINDS) {
      this.#counts[kind] += part[kind].length;
      if (this.#counts[kind] > promised[kind])
        throw new ArchiveError(`holds more than its ${promised[kind]} ${kind}`);
    }
    for (const [key, tile] of part.tiles) this.#digest = addTile(this.#digest, key, tile);
    return part;
  }

  #entries(line: string): ArchivePart {
    const value = parseJson(line);
    const { compositors, regions, leases, tiles, ...rest } = isObject(value) ? value : { line };
    const part = {
      ...EMPTY_PART,
      ...(compositors !== undefined && { compositors: compositorEntries(compositors) }),
      ...(regions !== undefined && { regions: regionEntries(regions) }),
      ...(leases !== undefined && { leases: leaseEntries(leases) }),
      ...(tiles !== undefined && { tiles: tileEntries(tiles) }),
    };
    if (Object.keys(rest).length > 0) throw this.#damage();
    return part;
  }

  #commit(line: string): ArchivePart {
    const commit = commitIn(line.slice(COMMIT.length, -1));
    if (!commit) throw this.#damage();
    if (this.#last && commit.prev !== this.#last.cursor)
      throw new ArchiveError(`holds ${commit.cursor}, which does not follow ${this.#last.cursor}`);
    this.#oldest ??= commit;
    this.#last = commit;
    return { ...EMPTY_PART, commits: [commit] };
  }

  #checkEnd(line: string): void {
    const header = this.#header;
    if (!header) throw new ArchiveError('is no archive of compositord');
    const { lines, sum } = this.progress;
    if (line !== JSON.stringify({ end: { lines, sha256: sum } }))
      throw new ArchiveError('is damaged: its checksum is another');
    for (const kind of KINDS)
      if (this.#counts[kind] < header.counts[kind])
        throw new ArchiveError(`holds ${this.#counts[kind]} of its ${header.counts[kind]} ${kind}`);
    if (formatDigest(this.#digest) !== header.digest)
      throw new ArchiveError(
        `says its tiles have the digest ${header.digest}, not ${formatDigest(this.#digest)}`,
      );
    // A daemon that keeps no history takes an archive without commits.
    const { cursor, digest } = this.#last ?? { cursor: header.head, digest: header.digest };
    if (cursor !== header.head)
      throw new ArchiveError(`says its head is ${header.head}, but its log ends at ${cursor}`);
    if (digest !== header.digest) throw new ArchiveError(`holds other tiles than ${cursor} left`);
    this.#ended = true;
  }

  #damage(): ArchiveError {
    return new ArchiveError(`is damaged in its line ${this.#lines + 1}`);
  }
}

/** The commit in the text of one; undefined when it is none. */
function commitIn(text: string): Commit | undefined {
  try {
    const commit = decodeCommit(text);
    // The undo of a patch has the same entries. To look decodes them.
    const fits = patchSize(commit.patch) === patchSize(commit.undo);
    return fits && isComplete(commit) ? commit : undefined;
  } catch {
    return undefined;
  }
}

function headerIn(value: Readonly<Record<string, unknown>>): ArchiveHeader {
  const { head, digest, createdAt, store, version, degraded, counts } = value;
  const cursor = typeof head === 'string' ? parseCursor(head) : undefined;
  const texts = [digest, createdAt, store, version];
  if (
    cursor === undefined ||
    !texts.every((text) => typeof text === 'string' && text.length <= 100) ||
    typeof degraded !== 'boolean' ||
    !isObject(counts) ||
    !KINDS.every((kind) => Number.isSafeInteger(counts[kind]) && (counts[kind] as number) >= 0)
  )
    throw new ArchiveError('is damaged in its first line');
  return value as unknown as ArchiveHeader;
}
