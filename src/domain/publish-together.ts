import { Draft } from './draft.ts';
import { DomainError } from './errors.ts';
import type { ManifestReader } from './manifest-reader.ts';
import { diff, patchOf, type MutablePatch } from './patch.ts';
import { publish, type TileWrites } from './publishing.ts';
import type { Principal } from './token.ts';

/**
 * {@link publish} for several requests in a row, each on top of those before it: they can share a commit. A request that the
 * rules refuse changes nothing, and the others go on.
 *
 * @returns what all of them lead to, and for each request how many tiles it changes, or why it was refused.
 */
export function publishTogether(
  manifest: ManifestReader,
  owner: string,
  requests: readonly TileWrites[],
  now: number,
  principal?: Principal,
): { tiles: MutablePatch['tiles']; outcomes: (number | DomainError)[] } {
  const draft = new Draft(manifest);
  const tiles: MutablePatch['tiles'] = new Map();
  const outcomes = requests.map((writes) => {
    try {
      const wanted = publish(draft, owner, writes, now, principal);
      const patch = diff(draft, patchOf({ tiles: wanted }));
      draft.apply(patch);
      for (const [key, tile] of patch.tiles) tiles.set(key, tile);
      return patch.tiles.size;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return error;
    }
  });
  return { tiles, outcomes };
}
