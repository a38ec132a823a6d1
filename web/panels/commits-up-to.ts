import type { Commit } from '../page/api.ts';
import type { CommitPage } from './details-api.ts';

/** Pages that are read to find a moment among the commits since. */
const MOST_PAGES = 10;

/**
 * The newest commits at `at`, a cursor of the past: its own is one of them, unless ten pages have come since. Undefined: the newest of
 * all. `read` reads a page, from before a cursor on.
 */
export async function commitsUpTo<T extends Commit>(
  at: string | undefined,
  read: (before?: string) => Promise<CommitPage<T>>,
): Promise<CommitPage<T>> {
  let page = await read();
  if (at === undefined) return page;
  const revision = Number.parseInt(at, 10);
  const isThen = (commit: Commit) => commit.revision <= revision;
  let newer: string | undefined;
  for (let pages = 1; pages <= MOST_PAGES && page.next !== null && !page.items.some(isThen); pages++) {
    newer = pages < MOST_PAGES ? page.next : at;
    page = await read(newer);
  }
  const items = page.items.filter(isThen);
  const since = page.items.slice(0, page.items.length - items.length);
  newer = since.at(-1)?.cursor ?? newer;
  return { ...page, items, ...(newer !== undefined && { after: newer }) };
}
