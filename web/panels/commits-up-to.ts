import type { Commit } from '../page/api.ts';
import type { CommitPage } from './details-api.ts';

/**
 * The newest commits at `at`, a cursor of the past: its own is one of them. Undefined: the newest of all. `read` reads a page,
 * from before a cursor on.
 */
export async function commitsUpTo<T extends Commit>(
  at: string | undefined,
  read: (before?: string) => Promise<CommitPage<T>>,
): Promise<CommitPage<T>> {
  const page = await read();
  if (at === undefined) return page;
  const revision = Number.parseInt(at, 10);
  const first = page.items.findIndex((commit) => commit.revision <= revision);
  // More than a page has come since.
  if (first < 0 && page.next !== null) return { ...(await read(at)), after: at };
  const items = first < 0 ? [] : page.items.slice(first);
  const newer = page.items.at(first < 0 ? -1 : first - 1);
  return first === 0 || !newer ? { ...page, items } : { ...page, items, after: newer.cursor };
}
