import { differences } from '../../conformance/differences.ts';
import { revisionOf, type Cursor } from '../../domain/cursor.ts';
import { pause } from '../http-client.ts';
import type { VerifyContext } from './context.ts';
import type { Send } from './test-compositors.ts';
import type { CommitObservation } from './observations.ts';
import type { Observer } from './observer.ts';

/** A reader's copy at one cursor, to be compared with what is served later. */
export interface CopyAtCursor {
  readonly query: string;
  readonly cursor: Cursor;
  readonly compositors: ReadonlyMap<string, unknown>;
  readonly regions: ReadonlyMap<string, unknown>;
  readonly tiles: ReadonlyMap<string, unknown>;
}

interface Served {
  readonly cursor: Cursor;
  readonly compositors: Record<string, unknown>;
  readonly regions?: Record<string, unknown>;
  readonly tiles: Record<string, unknown>;
}

/** Larger maps are not copied: verify must not need twice the memory of a map of millions. */
const MAX_ENTRIES = 20_000;
const TIMEOUT = 5_000;
const MAX_LINES = 3;

/** Copies what the observer holds; undefined while that is not exact, or too large. */
export function copyOf({ client }: Observer): CopyAtCursor | undefined {
  const { query, copy } = client;
  const { cursor, compositors, regions, tiles, view } = copy;
  if (!copy.exact || !cursor || tiles.size > MAX_ENTRIES) return undefined;
  // There are no overviews of the past.
  if (view.zoom !== undefined) return undefined;
  return {
    query,
    cursor,
    compositors: new Map(compositors),
    regions: new Map(regions),
    tiles: new Map(tiles),
  };
}

/** Reads the manifest at the cursor of `copy`, which is in the past, at every URL. */
export async function readPast(context: VerifyContext, copy: CopyAtCursor): Promise<void> {
  for (const url of context.urls) {
    const { status, body } = await readAt(context.send, url, copy);
    const lines = status === 200 ? differences(copy, body as Served).slice(0, MAX_LINES) : [];
    context.observations.pastReads.push({ url, cursor: copy.cursor, status, differences: lines });
  }
}

function readAt(send: Send, url: string, { query, cursor }: CopyAtCursor) {
  return send(url, `/manifest${query}${query === '' ? '?' : '&'}at=${cursor}`);
}

/**
 * Compares a reader's last copy with what `url` serves, when their cursors are equal or nothing differs. Others may
 * go on writing, so that may never happen. Then, entries that contain `own` must be equal whatever the cursors, since
 * nothing writes them any more; the rest is compared with the past, at the cursor of the copy.
 */
export async function compareAtEnd(
  { send, observations }: VerifyContext,
  observer: Observer,
  own: string,
): Promise<void> {
  const { client, url } = observer;
  const reader = `${observer.name} reader at ${url}`;
  const report = (cursor: string | undefined, lines: readonly string[], why = '') => {
    observations.finalReads.push({ url, reader, cursor, differences: lines.slice(0, MAX_LINES), why });
  };
  const giveUpAt = performance.now() + TIMEOUT;
  let why = `${reader} was not exact`;
  let last: { readonly cursor: Cursor; readonly lines: readonly string[] } | undefined;
  while (performance.now() < giveUpAt) {
    const { status, headers, body, error } = await send(url, `/manifest${client.query}`);
    last = undefined;
    if (status !== 200) why = `${url} answered ${status === 0 ? error : status}`;
    else if (headers.get('manifest-degraded') === 'true' || client.copy.degraded) why = `${url} is degraded`;
    else if (client.copy.exact) {
      const { cursor } = body as Served;
      const lines = differences(client.copy, body as Served);
      if (lines.length === 0 || client.copy.cursor === cursor) return report(cursor, lines);
      last = { cursor, lines };
      why = `${url} and ${reader} were never at the same cursor`;
    }
    await pause(100);
  }
  const lost = last?.lines.filter((line) => line.includes(own)) ?? [];
  if (last && lost.length > 0) return report(last.cursor, lost);
  const copy = last && copyOf(observer);
  const past = copy && (await readAt(send, url, copy));
  if (past?.status !== 200) return report(undefined, [], why);
  report(copy!.cursor, differences(copy!, past.body as Served));
}

const MAX_PAGES = 60;

/** The commits by ids that begin with `prefix`, after `since`; undefined when the history does not reach from `since` to `upTo`. */
export async function readCommits(
  send: Send,
  url: string,
  { since, upTo, prefix }: { since: Cursor; upTo: Cursor; prefix: string },
): Promise<CommitObservation[] | undefined> {
  const commits: CommitObservation[] = [];
  let after = '';
  for (let page = 0; page < MAX_PAGES; page++) {
    const { status, body } = await send(url, `/manifest/history?limit=1000${after}`);
    if (status !== 200) return undefined;
    const { items, next } = body as { items: readonly CommitObservation[]; next: string | null };
    const newest = revisionOf((items[0]?.cursor ?? '0-') as Cursor);
    if (page === 0 && newest < revisionOf(upTo)) return undefined;
    for (const item of items) {
      if (revisionOf(item.cursor as Cursor) <= revisionOf(since)) return commits;
      if (item.by.startsWith(prefix)) commits.push(item);
    }
    if (next === null) {
      const oldest = items.at(-1);
      return oldest && revisionOf(oldest.cursor as Cursor) === revisionOf(since) + 1 ? commits : undefined;
    }
    after = `&after=${next}`;
  }
  return undefined;
}
