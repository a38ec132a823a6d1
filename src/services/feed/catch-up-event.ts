import type { LiveManifest } from '../../domain/live-manifest.ts';
import { patchSize, type Patch } from '../../domain/patch.ts';
import type { View } from '../../domain/view.ts';
import { PatchEncoder } from './event.ts';

/**
 * What a reader missed, as one event; undefined when a snapshot is better. Never in parts: a client cut off between two would
 * come back with the cursor from before them, and a replica that is still there would call it exact.
 *
 * `longest`: bytes of its entries at most. One above `part` bytes must also name fewer entries than the view shows.
 */
export function encodeCatchUp(
  patch: Patch,
  options: { manifest: LiveManifest; view: View; longest: number; part: number },
): PatchEncoder | undefined {
  const encoder = new PatchEncoder();
  for (const entries of [patch.compositors, patch.tiles])
    for (const [name, value] of entries) if (!encoder.add(name, value, options.longest)) return undefined;
  const size = patchSize(patch);
  return encoder.bytes > options.part && shownUpTo(size, options) < size ? undefined : encoder;
}

/** How many entries the view shows; counts no further than `limit`. */
function shownUpTo(limit: number, { manifest, view }: { manifest: LiveManifest; view: View }): number {
  let shown = 0;
  for (const entries of [manifest.visibleCompositors(view), manifest.visibleTiles(view)])
    while (shown < limit && !entries.next().done) shown += 1;
  return shown;
}
