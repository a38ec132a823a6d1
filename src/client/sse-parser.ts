/** What one blank line of a stream finished. */
export interface Frame {
  /** `message` when it names none. */
  readonly event: string;
  /** Absent when it has none: then only its id counts. */
  readonly data: string | undefined;
  /** Its own `id:` line. */
  readonly id: string | undefined;
}

/** `text/event-stream` as WHATWG defines it, fed with bytes cut anywhere. */
export class SseParser {
  // Strips a byte order mark, and waits for the rest of a character that is cut.
  readonly #decoder = new TextDecoder();
  #line = '';
  #afterCr = false;
  #data: string[] = [];
  #event = '';
  #id: string | undefined;

  /** Milliseconds, of the last `retry:` line. */
  retry: number | undefined;

  /** A long event is on its way: the connection is alive though none has come. */
  get busy(): boolean {
    return this.#data.length > 0 || this.#line.startsWith('data');
  }

  /** The frames that `bytes` finished, in order. */
  push(bytes: Uint8Array): Frame[] {
    const frames: Frame[] = [];
    let text = this.#decoder.decode(bytes, { stream: true });
    if (text === '') return frames;
    // A CRLF cut between two chunks ends one line, not two.
    if (this.#afterCr && text.startsWith('\n')) text = text.slice(1);
    this.#afterCr = text.endsWith('\r');
    let start = 0;
    for (const end of text.matchAll(/\r\n?|\n/g)) {
      this.#take(this.#line + text.slice(start, end.index), frames);
      this.#line = '';
      start = end.index + end[0].length;
    }
    this.#line += text.slice(start);
    return frames;
  }

  #take(line: string, frames: Frame[]): void {
    if (line === '') return this.#finish(frames);
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!;
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#event = value;
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    else if (field === 'retry' && /^[0-9]+$/.test(value)) this.retry = Number(value);
  }

  #finish(frames: Frame[]): void {
    if (this.#data.length > 0 || this.#id !== undefined)
      frames.push({
        event: this.#event || 'message',
        data: this.#data.length > 0 ? this.#data.join('\n') : undefined,
        id: this.#id,
      });
    this.#data = [];
    this.#event = '';
    this.#id = undefined;
  }
}
