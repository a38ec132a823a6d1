import { parseCursor, type Cursor } from '../domain/cursor.ts';

/** What the `id:` line of a stream's frame says. */
export interface EventId {
  readonly cursor: Cursor;
  /** It ends in `~`: half a map. */
  readonly half: boolean;
  /** After the `@`; empty on the whole map. */
  readonly view: string;
}

const ID = /^([^~@]+)(~?)(?:@([0-9a-f]{8}))?$/;

export function parseEventId(text: string): EventId | undefined {
  const [, cursorText = '', half, view = ''] = ID.exec(text) ?? [];
  const cursor = parseCursor(cursorText);
  return cursor && { cursor, half: half === '~', view };
}
