import { isWatched, type Compositor } from './compositor.ts';
import { isOutage } from './lease-expiry.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { emptyPatch, type Patch } from './patch.ts';

/** Seconds. */
export interface ForgetPolicy {
  /** How long a compositor of a configuration may be down before its tiles go. */
  readonly forget: number;
  /** How much longer at most while more than half of them are down: an outage must not empty every screen. */
  readonly guard: number;
}

/** Whether the connection to a compositor of a configuration is down. One that is stopped is not: somebody wanted that. */
export function isDown(entry: Compositor | undefined): boolean {
  return entry?.managedBy !== undefined && isWatched(entry) && entry.link === 'disconnected';
}

/** Those of `down` whose tiles go now. `listed`: how many compositors of configurations there are to connect to. */
export function forgettable(
  down: ReadonlyMap<string, number>,
  { downNow, listed }: { downNow: number; listed: number },
  { forget, guard }: ForgetPolicy,
): string[] {
  const patience = (forget + (isOutage(downNow, listed) ? guard : 0)) * 1000;
  return Array.from(down).flatMap(([id, ms]) => (ms >= patience ? id : []));
}

/** Removes at most `limit` tiles of a compositor that is down; none of one that is back. */
export function forgetTiles(manifest: ManifestReader, id: string, limit: number): Patch {
  const patch = emptyPatch();
  if (!isDown(manifest.compositor(id))) return patch;
  for (const key of manifest.tilesOf(id)) {
    if (patch.tiles.size === limit) break;
    patch.tiles.set(key, null);
  }
  return patch;
}
