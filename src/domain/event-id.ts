import { parseCursor, type Cursor } from './cursor.ts';

/** The `id:` of a server-sent event: `<cursor>`, then `~` if partial, then `@<hash>` of a filtered view. */
export interface EventId {
  readonly cursor: Cursor;
  /** A snapshot has begun and is not complete: the reader has only a part of the map. */
  readonly partial: boolean;
  /** Hash of the view; empty for the whole map. */
  readonly view: string;
}

/** Longer than any id of ours. */
const MAX_LENGTH = 40;

export function formatEventId({ cursor, partial, view }: EventId): string {
  return `${cursor}${partial ? '~' : ''}${view === '' ? '' : `@${view}`}`;
}

/** Reads an id that a client sent back; undefined when the text is not an event id. */
export function parseEventId(text: string): EventId | undefined {
  // The length comes first: a hostile client may send a header of kilobytes.
  if (text.length > MAX_LENGTH) return undefined;
  const [, cursorText = '', tilde, view = ''] = /^([^~@]+)(~?)(?:@([0-9a-f]{8}))?$/.exec(text) ?? [];
  const cursor = parseCursor(cursorText);
  return cursor && { cursor, partial: tilde === '~', view };
}
