import type { LongWork } from '../../concurrency/long-work.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import type { FieldError } from '../../domain/errors.ts';
import { FileComparison, type FileChange, type FileDifference } from '../../domain/file-comparison.ts';
import { publishFile } from '../../domain/file-publishing.ts';
import type { FileVersion } from '../../domain/file-tile.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import type { QuotaSettings } from '../../domain/quota.ts';
import { WHOLE } from '../../domain/view.ts';
import type { Replica } from '../manifest/replica.ts';
import { SlicedRead } from '../manifest/sliced-read.ts';
import type { FileFollower } from './file-follower.ts';

/** Tiles that one commit changes: as many as a request may. */
const PIECE = 10_000;

interface ReadInOptions {
  readonly replica: Replica;
  readonly follower: FileFollower;
  readonly quotas: QuotaSettings;
  readonly work: LongWork;
  readonly owner: string;
}

/** What came of a version of the file. */
export interface Outcome {
  /** The map at this cursor is what the file has; undefined when it has something else. */
  readonly equals: Cursor | undefined;
  /** What the rules did not let in. */
  readonly rejected: readonly FieldError[];
  /** Tiles that were changed. */
  readonly changed: number;
}

/** Brings what somebody wrote into the file into the manifest. */
export class ReadIn {
  readonly #options: ReadInOptions;

  constructor(options: ReadInOptions) {
    this.#options = options;
  }

  /** Commits what the writer of `version` has changed. Throws `quota-exceeded`, `store-unavailable` and `outcome-unknown`: then the same again may help. */
  async take(version: FileVersion): Promise<Outcome> {
    const { follower, work } = this.#options;
    const manifest = await follower.catchUp();
    const difference = await this.#compare(version, manifest);
    const { knowledge } = difference;
    const rejected: FieldError[] = [];
    let { cursor } = manifest;
    let commits = 0;
    let changed = 0;
    for (const piece of piecesOf(difference.changes)) {
      const receipt = await this.#commit(piece);
      rejected.push(...receipt.result);
      if (receipt.changed === 0) continue;
      ({ cursor } = receipt);
      commits += 1;
      changed += receipt.changed;
      follower.readIn(cursor, knowledge);
    }
    await work.run(follower.known.add(version.tiles, difference));
    // Else somebody has committed in between.
    const isAlone = revisionOf(cursor) - revisionOf(manifest.cursor) === commits;
    const isEqual = difference.isWhole && rejected.length === 0 && isAlone;
    return { equals: isEqual ? cursor : undefined, rejected, changed };
  }

  async #compare(version: FileVersion, manifest: ManifestAt): Promise<FileDifference> {
    const { follower, work, owner } = this.#options;
    const { memory, known } = follower;
    const tileAt = (key: string) => manifest.tile(key);
    const comparison = new FileComparison({ version, memory, known, owner, tileAt });
    await work.run(comparison.readFile());
    const read = new SlicedRead(work, () => manifest.catchUp());
    await read.prepare();
    for (const { blocks, tiles } of manifest.tileGroups(WHOLE)) {
      for (const block of blocks) for (const [key, tile] of block.entries()) comparison.inMap(key, tile);
      for (const [key, tile] of tiles) comparison.inMap(key, tile);
      await read.prepare();
    }
    return work.run(comparison.result());
  }

  #commit(changes: readonly FileChange[]) {
    const { replica, owner, quotas } = this.#options;
    return replica.submit((manifest, now) => {
      const { patch, rejected } = publishFile(manifest, owner, changes, now);
      return { patch, by: owner, limits: { settings: quotas }, result: rejected };
    });
  }
}

function* piecesOf(changes: readonly FileChange[]): Generator<readonly FileChange[], void, undefined> {
  for (let at = 0; at < changes.length; at += PIECE) yield changes.slice(at, at + PIECE);
}
