import type { View } from '../../domain/view.ts';
import type { ManifestCopy } from '../manifest/manifest-copy.ts';
import { EntryParts } from './entry-parts.ts';
import { encodeFrame, timeMember, type Frame } from './event.ts';
import type { FeedLimits } from './limits.ts';
import { NOTHING_VISIBLE, OWN_PARTS, type PartSource } from './part-source.ts';

/**
 * What a view shows and the one before it did not, for the one reader that moved. As with a snapshot, a part holds the values of
 * the moment in which it was encoded: its reader must also be sent every entry that changed since it moved.
 */
export class NewlyVisible implements PartSource {
  readonly #parts: EntryParts;
  readonly #time: string;

  constructor(options: {
    copy: Pick<ManifestCopy, 'manifest' | 'texts'>;
    view: View;
    before: View;
    now: number;
    limits: Pick<FeedLimits, 'part' | 'lookedAt'>;
  }) {
    const { copy, view, before, limits } = options;
    const own = { part: limits.part / OWN_PARTS, lookedAt: limits.lookedAt };
    this.#parts = new EntryParts(copy, view, own, { before });
    this.#time = timeMember(options.now);
  }

  take(): Frame | undefined {
    const part = this.#parts.next();
    if (part.size > 0) return encodeFrame(part.finish('patch', undefined, '', this.#time));
    return this.#parts.complete ? undefined : NOTHING_VISIBLE;
  }

  has(): boolean {
    return !this.#parts.complete;
  }

  /** Nobody shares it. */
  leave(): void {
    return;
  }
}
