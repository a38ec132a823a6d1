import { Semaphore } from '../../concurrency/semaphore.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { isStoreProblem } from '../../domain/errors.ts';
import { requireCovered } from '../../domain/reserving.ts';
import { coversCompositor, type Principal } from '../../domain/token.ts';
import type { CompositorFilter, Registry } from './registry.ts';

/** What came of starting or stopping one compositor. */
export type StartStopOutcome = { readonly id: string } & (
  { readonly compositor: Compositor; readonly changed: number } | { readonly error: unknown }
);

/** Writes under way at a time: those that wait for the store share a commit's round trip. */
const PARALLEL = 64;

/** Starts (`enabled`) or stops the compositors `ids`, each for itself: an error with one stops no other. */
export async function startOrStop(
  registry: Pick<Registry, 'describe'>,
  ids: readonly string[],
  enabled: boolean,
  principal: Principal | undefined,
): Promise<StartStopOutcome[]> {
  const permits = new Semaphore(PARALLEL);
  let away: unknown;
  const change = async (id: string): Promise<StartStopOutcome> => {
    // The others would wait as long for the same answer.
    if (away !== undefined) return { id, error: away };
    try {
      requireCovered(id, principal);
      const { compositor, changed } = await registry.describe(id, { enabled }, { principal });
      return { id, compositor, changed };
    } catch (error) {
      if (isStoreProblem(error) && error.kind !== 'outcome-unknown') away = error;
      return { id, error };
    }
  };
  return Promise.all(ids.map((id) => permits.run(() => change(id))));
}

/** The ids after `after` of compositors with these labels for which `principal` may write, at most `limit`; and whether there are more. */
export function selectIds(
  registry: Pick<Registry, 'list'>,
  { filter, after, limit }: { filter: CompositorFilter; after: string | undefined; limit: number },
  principal: Principal | undefined,
): { ids: string[]; more: boolean } {
  const ids: string[] = [];
  for (const { id } of registry.list(filter, after)) {
    if (principal?.compositors && !coversCompositor(principal, id)) continue;
    if (ids.length === limit) return { ids, more: true };
    ids.push(id);
  }
  return { ids, more: false };
}
