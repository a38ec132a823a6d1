import type { LiveManifest } from '../../domain/live-manifest.ts';
import { patchSize, type Patch } from '../../domain/patch.ts';
import { mapOf, PatchEncoder } from './event.ts';
import type { ViewGroup } from './view-group.ts';

/**
 * What a reader missed, as one event; undefined when a snapshot is better. Never in parts: a client cut off between two would
 * come back with the cursor from before them, and a replica that is still there would call it exact.
 *
 * `patch`: made for the view of the group. `longest`: bytes of its entries at most. One above `part` bytes must also name fewer entries than the view shows.
 */
export function encodeCatchUp(
  patch: Patch,
  options: { manifest: LiveManifest; group: ViewGroup; longest: number; part: number },
): PatchEncoder | undefined {
  const { manifest, group, longest, part } = options;
  if (group.changesTooMuch(patch)) return undefined;
  const visible = group.visiblePart(patch);
  const encoder = new PatchEncoder(mapOf(group.view));
  for (const entries of [visible.compositors, visible.regions, visible.tiles])
    for (const [name, value] of entries) if (!encoder.add(name, value, longest)) return undefined;
  const size = patchSize(visible);
  return encoder.bytes > part && group.countUpTo(size, manifest) < size ? undefined : encoder;
}
