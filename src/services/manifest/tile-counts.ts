import type { LongWork } from '../../concurrency/long-work.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import { tileCounts } from '../../domain/tile-counts.ts';
import type { View } from '../../domain/view.ts';
import type { HeavyReads } from './heavy-reads.ts';
import { readInSlices } from './sliced-read.ts';

/** Counts the tiles of each compositor at one cursor. */
export class TileCounts {
  readonly #work: LongWork;
  readonly #reads: HeavyReads;

  constructor(options: { work: LongWork; reads: HeavyReads }) {
    this.#work = options.work;
    this.#reads = options.reads;
  }

  /** Those with any tile in view. Throws `overloaded`. */
  of(manifest: ManifestAt, view: View, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
    return this.#reads.run(() => readInSlices(this.#work, tileCounts(manifest, view), signal), signal);
  }
}
