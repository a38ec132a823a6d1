import { parseCursor, type Cursor } from '../../domain/cursor.ts';

/** What an event id says: a cursor, whether the reader has only half a map (`~`), and of which view (`@hash`). */
export interface EventId {
  readonly cursor: Cursor;
  readonly half: boolean;
  /** Empty for the whole map. */
  readonly view: string;
}

export function formatEventId(id: EventId): string {
  return `${id.cursor}${id.half ? '~' : ''}${id.view === '' ? '' : `@${id.view}`}`;
}

/** The id in what a client sent back, or undefined when it is none of ours. */
export function parseEventId(text: string): EventId | undefined {
  // Before anything else: the header of a hostile client may be long.
  if (text.length > 40) return undefined;
  const match = /^([0-9]+-[0-9a-f]+)(~?)(?:@([0-9a-f]{8}))?$/.exec(text);
  const cursor = match?.[1] === undefined ? undefined : parseCursor(match[1]);
  if (cursor === undefined) return undefined;
  return { cursor, half: match?.[2] === '~', view: match?.[3] ?? '' };
}
