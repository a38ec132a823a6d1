import type { Cursor } from '../../domain/cursor.ts';
import { revisionOf } from '../../domain/cursor.ts';
import { differences } from '../../conformance/differences.ts';
import { rest } from './crew.ts';
import { ask } from './deployment.ts';
import type { CommitEvidence, Evidence } from './evidence.ts';
import type { Witness } from './witness.ts';

/** A reader's copy at one cursor, kept to be compared with what is served. */
export interface Frozen {
  readonly query: string;
  readonly cursor: Cursor;
  readonly compositors: ReadonlyMap<string, unknown>;
  readonly tiles: ReadonlyMap<string, unknown>;
}

interface Served {
  readonly cursor: Cursor;
  readonly compositors: Record<string, unknown>;
  readonly tiles: Record<string, unknown>;
}

/** Entries up to which a copy is kept: a map of millions is not doubled for a test. */
const LARGE = 20_000;
const PATIENCE = 5_000;
const LINES = 3;

/** Undefined while the copy is not exact, or too large to be kept. */
export function freeze({ reader }: Witness): Frozen | undefined {
  if (!reader.exact || !reader.cursor || reader.tiles.size > LARGE) return undefined;
  const { query, cursor } = reader;
  return { query, cursor, compositors: new Map(reader.compositors), tiles: new Map(reader.tiles) };
}

/** Reads a moment of the past again, at every URL. */
export async function travel({ query, cursor, ...copy }: Frozen, evidence: Evidence): Promise<void> {
  for (const url of evidence.urls) {
    const { status, body } = await ask(url, `/manifest${query}${query === '' ? '?' : '&'}at=${cursor}`);
    const lines = status === 200 ? differences(copy, body as Served).slice(0, LINES) : [];
    evidence.travels.push({ url, cursor, status, differences: lines });
  }
}

/**
 * What a reader holds at the end beside what `url` serves. Others may go on writing: the two are compared when their
 * cursors meet, or when nothing differs. After a while without, what `mine` names must be the same whatever the
 * cursors, since nobody writes it any more; the rest is compared with the past at the copy's own cursor.
 */
export async function compareAtEnd(options: {
  readonly witness: Witness;
  readonly url: string;
  readonly mine: string;
  readonly evidence: Evidence;
}): Promise<void> {
  const { witness, url, mine, evidence } = options;
  const { reader } = witness;
  const name = `${witness.name} reader at ${url}`;
  const say = (cursor: string | undefined, differences: readonly string[], why = '') =>
    void evidence.finals.push({ url, reader: name, cursor, differences: differences.slice(0, LINES), why });
  const giveUpAt = performance.now() + PATIENCE;
  let why = `${name} was not exact`;
  let last: { readonly cursor: Cursor; readonly lines: readonly string[] } | undefined;
  while (performance.now() < giveUpAt) {
    const { status, headers, body, trouble } = await ask(url, `/manifest${reader.query}`);
    last = undefined;
    if (status !== 200) why = `${url} answered ${status === 0 ? trouble : status}`;
    else if (headers.get('manifest-degraded') === 'true' || reader.copy.degraded) why = `${url} is degraded`;
    else if (reader.exact) {
      const { cursor } = body as Served;
      const lines = differences(reader, body as Served);
      if (lines.length === 0 || reader.cursor === cursor) return say(cursor, lines);
      last = { cursor, lines };
      why = `${url} and ${name} never were at one cursor`;
    }
    await rest(100, NEVER);
  }
  const missed = last?.lines.filter((line) => line.includes(mine)) ?? [];
  if (last && missed.length > 0) return say(last.cursor, missed);
  const frozen = last && freeze(witness);
  if (!frozen) return say(undefined, [], why);
  const { query, cursor } = frozen;
  const past = await ask(url, `/manifest${query}${query === '' ? '?' : '&'}at=${cursor}`);
  if (past.status !== 200) return say(undefined, [], why);
  say(cursor, differences(frozen, past.body as Served));
}

const NEVER = new AbortController().signal;

interface Page {
  readonly items: readonly CommitEvidence[];
  readonly next: string | null;
}

const PAGES = 60;

/** The commits of this run's compositors after `since`; undefined when the history does not go back so far, or nobody tells. */
export async function readCommits(
  url: string,
  since: Cursor,
  upTo: Cursor,
  prefix: string,
): Promise<CommitEvidence[] | undefined> {
  const commits: CommitEvidence[] = [];
  let after = '';
  for (let page = 0; page < PAGES; page++) {
    const { status, body } = await ask(url, `/manifest/history?limit=1000${after}`);
    if (status !== 200) return undefined;
    const { items, next } = body as Page;
    // It has not heard of the last write yet.
    if (page === 0 && revisionOf((items[0]?.cursor ?? '0-') as Cursor) < revisionOf(upTo)) return undefined;
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
