/** One event of the stream. */
export interface SseEvent {
  /** `message` when the event has no name. */
  readonly event: string;
  /** Undefined when the event has only an id. */
  readonly data: string | undefined;
  /** The event's own `id:` line. */
  readonly id: string | undefined;
}

/** Parses `text/event-stream` as WHATWG defines it, from chunks that may be cut anywhere. */
export class SseParser {
  // The decoder strips a byte order mark and keeps a cut character until its rest comes.
  readonly #decoder = new TextDecoder();
  #line = '';
  #afterCr = false;
  #data: string[] = [];
  #event = '';
  #id: string | undefined;

  /** The value of the last `retry:` line, in milliseconds. */
  retry: number | undefined;

  /** True while a long event is arriving: the connection is alive although no event is complete. */
  get midEvent(): boolean {
    return this.#data.length > 0 || this.#line.startsWith('data');
  }

  /** Returns the events that `bytes` completed, in order. */
  push(bytes: Uint8Array): SseEvent[] {
    const events: SseEvent[] = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return events;
    // A CRLF cut between two chunks ends one line, not two.
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    this.#afterCr = text.endsWith('\r');
    let start = 0;
    for (const end of text.matchAll(/\r\n?|\n/g)) {
      this.#take(this.#line + text.slice(start, end.index), events);
      this.#line = '';
      start = end.index + end[0].length;
    }
    this.#line += text.slice(start);
    return events;
  }

  #take(line: string, events: SseEvent[]): void {
    if (line === '') return this.#complete(events);
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.retry = Number(value);
  }

  #complete(events: SseEvent[]): void {
    if (this.#data.length > 0 || this.#id !== undefined)
      events.push({
        event: this.#event || 'message',
        data: this.#data.length > 0 ? this.#data.join('\n') : undefined,
        id: this.#id,
      });
    this.#data = [];
    this.#event = '';
    this.#id = undefined;
  }
}
