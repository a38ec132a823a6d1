import type { Commit } from './commit.ts';

/** What a history may hold that an older compositord does not know, oldest first. Whoever knows one knows those before it. */
export const STORE_FEATURES = ['none', 'withdrawals', 'regions'] as const;
export type StoreFeature = (typeof STORE_FEATURES)[number];

/**
 * The newest feature that these commits (and a map that comes with them) use: a store that takes them is no longer for those
 * who do not know it.
 */
export function newestFeature(
  commits: readonly Commit[],
  { regions }: { readonly regions: { readonly size: number } } = { regions: { size: 0 } },
): StoreFeature {
  if (regions.size > 0 || commits.some(({ patch }) => patch.regions.size > 0)) return 'regions';
  return commits.some(({ withdraws }) => withdraws !== undefined) ? 'withdrawals' : 'none';
}
