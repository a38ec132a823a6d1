/** One event, with what a client that checks the protocol needs to know of its lines. */
export interface SseEvent {
  readonly type: 'event';
  /** `message` when the event has no name. */
  readonly event: string;
  readonly data: string;
  /** The event's own `id:` line; absent when it has none. */
  readonly id?: string;
  /** The event's own `retry:` line, milliseconds. */
  readonly retry?: number;
  /** The most characters in one of its `data:` lines. */
  readonly longestLine: number;
}

export interface SseComment {
  readonly type: 'comment';
  readonly text: string;
}

export type SseItem = SseEvent | SseComment;

/**
 * Parses `text/event-stream` as WHATWG defines it, from bytes cut anywhere. The client's own parser does not serve here: it
 * leaves out comments, line lengths and an event's own `retry:`, which are checked.
 */
export class SseParser {
  // Strips a BOM at the start and waits for the rest of a character that is cut.
  readonly #decoder = new TextDecoder();
  #line = '';
  #afterCr = false;
  #data: string[] = [];
  /** The other fields of the event that has begun. */
  #fields: { event?: string; id?: string; retry?: number } = {};
  /** Milliseconds to wait before reconnecting, of the last `retry:` line. */
  retry: number | undefined;

  /** Returns the events and comments that `bytes` completed, in order. */
  push(bytes: Uint8Array): SseItem[] {
    const items: SseItem[] = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return items;
    // A CRLF cut between two chunks ends one line, not two.
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    this.#afterCr = text.endsWith('\r');
    let start = 0;
    for (const end of text.matchAll(/\r\n?|\n/g)) {
      this.#take(this.#line + text.slice(start, end.index), items);
      this.#line = '';
      start = end.index + end[0].length;
    }
    this.#line += text.slice(start);
    return items;
  }

  #take(line: string, items: SseItem[]): void {
    if (line === '') return this.#dispatch(items);
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === '') items.push({ type: 'comment', text: line.slice(1) });
    else if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#fields.event = value;
    else if (field === 'id' && !value.includes('\0')) this.#fields.id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.retry = this.#fields.retry = Number(value);
  }

  #dispatch(items: SseItem[]): void {
    if (this.#data.length > 0)
      items.push({
        type: 'event',
        ...this.#fields,
        event: this.#fields.event || 'message',
        data: this.#data.join('\n'),
        longestLine: Math.max(...this.#data.map((line) => line.length)),
      });
    this.#data = [];
    this.#fields = {};
  }
}
