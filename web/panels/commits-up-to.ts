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
  const items = page.items.filter((commit) => commit.revision <= revision);
  // More than a page has come since.
  return items.length === 0 && page.next !== null ? read(at) : { ...page, items };
}
