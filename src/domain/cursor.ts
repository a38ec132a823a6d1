import { createHash } from 'node:crypto';

/** `<revision>-<nonce>`: names one commit, like a git hash. Equal cursors mean equal history. */
export type Cursor = `${number}-${string}`;

/** The cursor of the empty history, before the first commit. */
export const GENESIS: Cursor = '0-00000000';

const CURSOR = /^(0|[1-9][0-9]{0,15})-[0-9a-f]{8}$/;

/** The cursor in `text`, or undefined when it is none (garbage, too large, not canonical). */
export function parseCursor(text: string): Cursor | undefined {
  // The length first: a hostile header may be kilobytes long.
  if (text.length > 25 || !CURSOR.test(text)) return undefined;
  const cursor = text as Cursor;
  return Number.isSafeInteger(revisionOf(cursor)) ? cursor : undefined;
}

export function revisionOf(cursor: Cursor): number {
  return Number(cursor.slice(0, cursor.indexOf('-')));
}

/**
 * The cursor of a commit made on `prev`. `identity` names the commit and whatever may differ between two tries of it. The
 * nonce hashes both, so two histories that diverge never have a later cursor in common.
 */
export function nextCursor(prev: Cursor, identity: string): Cursor {
  const nonce = createHash('sha256').update(`${prev} ${identity}`).digest('hex').slice(0, 8);
  return `${revisionOf(prev) + 1}-${nonce}`;
}
