import type { LongWork } from '../../concurrency/long-work.ts';
import { EMPTY_PART, partSize, type ArchiveHeader, type ArchivePart } from '../../domain/archive.ts';
import { ArchiveEncoder } from '../../domain/archive-encoder.ts';
import { HistoryTrimmed } from '../../domain/rewind.ts';
import { STEP } from '../../domain/steps.ts';
import type { Tile } from '../../domain/tile.ts';
import { WHOLE } from '../../domain/view.ts';
import { SlicedRead, trimmed } from '../manifest/sliced-read.ts';
import type { Moment } from './moment.ts';

/** Where and when an archive is taken. */
export type Origin = Pick<ArchiveHeader, 'createdAt' | 'store' | 'version' | 'degraded'>;

/** Compositors in one line; an entry has up to 32 KiB, and more where `quota.entryBytes` says so. */
const COMPOSITORS = 20;

export function headerOf(moment: Moment, origin: Origin): ArchiveHeader {
  const { head, digest, compositors, regions, leases, tileCount, log } = moment;
  return {
    head,
    digest,
    ...origin,
    counts: {
      compositors: compositors.length,
      regions: regions.length,
      leases: leases.length,
      tiles: tileCount,
      commits: log.length,
    },
  };
}

interface ArchiveTextOptions {
  readonly moment: Moment;
  readonly header: ArchiveHeader;
  readonly work: LongWork;
  /** Called with the number of entries until now. */
  readonly onProgress?: (entries: number) => void;
}

/**
 * The text of an archive, in pieces, while commits go on. Tiles come before the log: what was there at the cursor can be told only as
 * long as the commits since then are known. Throws `overloaded` when its taker was slower than that.
 */
export async function* archiveText(options: ArchiveTextOptions): AsyncGenerator<string, void, undefined> {
  const { header, onProgress } = options;
  const encoder = new ArchiveEncoder();
  let entries = 0;
  yield encoder.begin(header);
  for await (const part of partsOf(options)) {
    yield encoder.part(part);
    entries += partSize({ ...EMPTY_PART, ...part });
    onProgress?.(entries);
  }
  yield encoder.end();
}

async function* partsOf({ moment, work }: ArchiveTextOptions): AsyncGenerator<Partial<ArchivePart>> {
  for (const compositors of slicesOf(moment.compositors, COMPOSITORS)) yield { compositors };
  for (const regions of slicesOf(moment.regions, STEP)) yield { regions };
  for (const leases of slicesOf(moment.leases, STEP)) yield { leases };
  try {
    for await (const tiles of tileParts(moment, work)) yield { tiles };
  } catch (error) {
    throw error instanceof HistoryTrimmed ? trimmed() : error;
  }
  for (const commit of moment.log) yield { commits: [commit] };
}

async function* tileParts({ manifest }: Moment, work: LongWork) {
  const read = new SlicedRead(work, () => manifest.catchUp());
  await read.prepare();
  let tiles: (readonly [string, Tile])[] = [];
  for (const group of manifest.tileGroups(WHOLE)) {
    for (const block of group.blocks) tiles.push(...block.entries());
    tiles.push(...group.tiles);
    if (tiles.length >= STEP) {
      yield tiles;
      tiles = [];
      read.endSlice();
    }
    await read.prepare();
  }
  if (tiles.length > 0) yield tiles;
}

function* slicesOf<T>(items: readonly T[], size: number): Generator<readonly T[], void, undefined> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
