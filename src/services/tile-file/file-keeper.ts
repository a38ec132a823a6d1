import type { LongWork } from '../../concurrency/long-work.ts';
import type { Clock } from '../../domain/clock.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { DomainError } from '../../domain/errors.ts';
import { BrokenFile } from '../../domain/file-parser.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';
import { FileTrouble, type Found, type FoundFile, type SharedFile } from '../../domain/shared-file.ts';
import { StoreError } from '../../domain/store.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import type { ManifestDocuments } from '../manifest/manifest-documents.ts';
import type { FileFollower } from './file-follower.ts';
import { readFile } from './file-reader.ts';
import type { FileStates } from './file-state.ts';
import { writeFile } from './file-writer.ts';
import type { KeeperClaim } from './keeper-claim.ts';
import type { Outcome, ReadIn } from './read-in.ts';

export interface FileKeeperOptions {
  readonly file: SharedFile;
  readonly claim: KeeperClaim;
  readonly states: FileStates;
  readonly follower: FileFollower;
  readonly readIn: ReadIn;
  readonly copy: ManifestCopy;
  readonly documents: ManifestDocuments;
  readonly clock: Clock;
  readonly work: LongWork;
}

/** Milliseconds until the next turn after something went wrong. */
export const AGAIN = 1000;
/** Milliseconds for which a file that cannot be read may just be in the making. */
const UNFINISHED = 1000;
/** Milliseconds until the next look at such a file. */
const SOON = 100;

/**
 * Keeps the file and the map equal, one turn after the other, while this replica has the claim on it: what others wrote into the file goes
 * into the map, then the map is written into the file.
 */
export class FileKeeper {
  /** How often the file was read and written. */
  readonly counts = { reads: 0, writes: 0 };
  readonly #options: FileKeeperOptions;
  /** The file whose content is known, and the map that it is equal to, if it is. */
  #seen: string | undefined;
  #equals: Cursor | undefined;
  /** A file that cannot be read, and since when. */
  #unreadable: { readonly identity: string; readonly since: number } | undefined;
  /** What was left out when it was read last. */
  #leftOut: string | undefined;
  /** When it was last written, and whether it has to be once more, so that readers who count seconds see it. */
  #writtenAt = -Infinity;
  #mustSettle = false;

  constructor(options: FileKeeperOptions) {
    this.#options = options;
  }

  /** A commit that changes no tile leaves the file as good as it was. */
  passed(before: Cursor, after: Cursor): void {
    if (this.#equals === before) this.#equals = after;
  }

  /** Takes one turn; returns the milliseconds until the next, or undefined when there is nothing to do before something happens. */
  async turn(): Promise<number | undefined> {
    const { states, copy, claim } = this.#options;
    if (!copy.loaded) return this.#wait('waiting', 'the map is not loaded yet');
    try {
      const other = await claim.hold();
      if (other !== undefined) {
        this.#seen = undefined;
        return this.#wait(
          'elsewhere',
          `${other}, with another store, keeps the file; give each a file of its own`,
        );
      }
      await this.#options.follower.catchUp();
      const next = await this.#keepEqual();
      if (next !== undefined) return next;
      states.set('kept', this.#leftOut);
      return this.#settle();
    } catch (error) {
      return this.#explain(error);
    }
  }

  /** Lets go of the file, so that others may keep it. */
  async close(): Promise<void> {
    const { file, claim } = this.#options;
    this.#seen = undefined;
    this.#equals = undefined;
    await file.close();
    await claim.release().catch((error: unknown) => {
      if (!(error instanceof FileTrouble)) throw error;
    });
  }

  async #keepEqual(): Promise<number | undefined> {
    const { file, copy, clock } = this.#options;
    const late = await file.lateWrite();
    const waits = late && (await this.#take(late));
    if (waits !== undefined) return waits;
    const found = await file.look();
    if (found.kind === 'other') return this.#wait('broken', `the file ${found.why}; it is left alone`);
    if (found.kind === 'nothing') this.#equals = undefined;
    else if (found.identity !== this.#seen) {
      const next = await this.#take(found);
      if (next !== undefined) return next;
    }
    const isSettled = !this.#mustSettle || secondOf(clock.now()) === secondOf(this.#writtenAt);
    if (this.#equals === copy.head && isSettled) return undefined;
    return this.#write(found);
  }

  /** Reads what somebody wrote; returns when to look again if it cannot be read. */
  async #take(found: FoundFile): Promise<number | undefined> {
    const { file, work, claim, readIn } = this.#options;
    this.counts.reads += 1;
    let read;
    try {
      read = await readFile(file, found, work);
    } catch (error) {
      if (!(error instanceof BrokenFile)) throw error;
      return this.#unfinished(found, error);
    }
    if (!read) return SOON;
    this.#unreadable = undefined;
    if (!found.isLate) this.#seen = found.identity;
    if (read.digest === claim.digest) return undefined;
    try {
      const outcome = await readIn.take(read.version);
      this.#leftOut = leftOut(outcome, read.version);
      this.#equals = found.isLate ? undefined : outcome.equals;
      if (!found.isLate) await claim.know(read.digest);
      return undefined;
    } catch (error) {
      // The same again, as long as it is not in the map.
      if (!found.isLate) this.#seen = undefined;
      throw error;
    }
  }

  /** It may just be written; when it stays so, it is broken. An empty file has nothing that could be lost. */
  #unfinished(found: FoundFile, { message }: BrokenFile): number | undefined {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (this.#unreadable?.identity !== found.identity)
      this.#unreadable = { identity: found.identity, since: now };
    if (now - this.#unreadable.since < UNFINISHED) return SOON;
    if (found.isLate) return undefined;
    if (found.size > 0)
      return this.#wait('broken', `the file ${message}; it is left alone until it is whole`);
    this.#seen = found.identity;
    this.#equals = undefined;
    return undefined;
  }

  async #write(found: Found): Promise<number | undefined> {
    const { file, documents, claim, clock } = this.#options;
    const written = await writeFile(file, found, documents);
    if (!written) return 0;
    this.counts.writes += 1;
    this.#seen = written.found.identity;
    this.#equals = written.cursor;
    await claim.know(written.digest);
    const now = clock.now();
    this.#mustSettle = secondOf(now) === secondOf(this.#writtenAt);
    this.#writtenAt = now;
    return undefined;
  }

  /** When the file has to be written once more: its time must be in another second than that of the write before the last. */
  #settle(): number | undefined {
    return this.#mustSettle ? 1000 * (secondOf(this.#writtenAt) + 1) - this.#options.clock.now() : undefined;
  }

  #wait(state: 'waiting' | 'broken' | 'elsewhere', detail: string): number {
    this.#options.states.set(state, detail);
    return AGAIN;
  }

  #explain(error: unknown): number {
    const { states } = this.#options;
    if (error instanceof FileTrouble) states.set('unwritable', `the file ${error.message}`);
    else if (error instanceof DomainError && error.kind === 'quota-exceeded')
      states.set('refused', `the map has no room for what is in the file: ${error.message}`);
    // The store is away, or the history went on too fast: nothing is wrong with the file.
    else if (!(
      error instanceof DomainError ||
      error instanceof StoreError ||
      error instanceof HistoryTrimmed
    ))
      throw error;
    return AGAIN;
  }
}

function secondOf(ms: number): number {
  return Math.floor(ms / 1000);
}

function leftOut(
  { rejected }: Outcome,
  { skipped, firstSkipped }: { readonly skipped: number; readonly firstSkipped: string | undefined },
): string | undefined {
  const parts = [];
  if (firstSkipped !== undefined) parts.push(`${skipped} entries are no tiles, such as ${firstSkipped}`);
  const [first] = rejected;
  if (first)
    parts.push(`${rejected.length} tiles were refused, such as ${first.field.slice(1)}: ${first.detail}`);
  return parts.length === 0 ? undefined : parts.join('; ');
}
