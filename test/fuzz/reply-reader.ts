/** A reply as it came over a socket. */
export interface RawReply {
  readonly status: number;
  /** By name in lower case; of several with one name the last. */
  readonly headers: ReadonlyMap<string, string>;
  /** Without its framing. */
  readonly body: Buffer;
  /** Its end was seen. A stream that we left, and a reply that was cut, have none. */
  readonly complete: boolean;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** Takes the bytes of a connection apart into replies. `methods`: of the requests that were sent on it, in order. */
export class ReplyReader {
  readonly replies: RawReply[] = [];
  /** Something that is not HTTP came. */
  wrong: string | undefined;
  readonly #methods: readonly string[];
  #bytes: Buffer = Buffer.alloc(0);
  #chunks: Buffer[] = [];
  /** Bytes that the current reply needs at least; saves reading a large one again with each piece. */
  #wanted = 0;
  #held = 0;

  constructor(methods: readonly string[]) {
    this.#methods = methods;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held >= this.#wanted) this.#read(false);
  }

  /** The connection has ended: what is there is all. */
  end(): void {
    this.#read(true);
  }

  #read(ended: boolean): void {
    this.#bytes = Buffer.concat([this.#bytes, ...this.#chunks]);
    this.#chunks = [];
    this.#wanted = 0;
    while (this.#bytes.length > 0 && this.wrong === undefined && this.#readOne(ended));
    this.#held = this.#bytes.length;
  }

  /** Whether one more reply was taken off. */
  #readOne(ended: boolean): boolean {
    const headEnd = this.#bytes.indexOf(HEAD_END);
    if (headEnd < 0) {
      if (ended) this.wrong = `no reply: ${JSON.stringify(this.#bytes.subarray(0, 200).toString('latin1'))}`;
      return false;
    }
    const head = headOf(this.#bytes.subarray(0, headEnd).toString('latin1'));
    if (!head) {
      this.wrong = `no head of a reply: ${JSON.stringify(this.#bytes.subarray(0, 200).toString('latin1'))}`;
      return false;
    }
    const start = headEnd + HEAD_END.length;
    if (head.status === 100) {
      this.#bytes = this.#bytes.subarray(start);
      return true;
    }
    const { body, end } = this.#bodyOf(head, start, ended);
    if (body === undefined) return false;
    this.replies.push({ ...head, body, complete: end !== undefined });
    this.#bytes = this.#bytes.subarray(end ?? this.#bytes.length);
    return true;
  }

  /** The body, once it is there or the connection has ended. Without `end` it was cut. */
  #bodyOf(
    { status, headers }: Pick<RawReply, 'status' | 'headers'>,
    start: number,
    ended: boolean,
  ): { body?: Buffer; end?: number } {
    const rest = this.#bytes.subarray(start);
    const cut = ended ? { body: rest } : {};
    const method = this.#methods[this.replies.length] ?? 'GET';
    // What follows is a WebSocket.
    if (status === 101) return { body: rest, end: this.#bytes.length };
    if (method === 'HEAD' || status === 204 || status === 304) return { body: Buffer.alloc(0), end: start };
    if (headers.get('transfer-encoding') === 'chunked') {
      const read = dechunked(rest);
      if (read.end !== undefined) return { body: read.body, end: start + read.end };
      return ended ? { body: read.body } : {};
    }
    const length = headers.get('content-length');
    if (length === undefined) return ended ? { body: rest, end: this.#bytes.length } : {};
    const end = start + Number(length);
    if (this.#bytes.length >= end) return { body: this.#bytes.subarray(start, end), end };
    this.#wanted = end;
    return cut;
  }
}

function headOf(text: string): { status: number; headers: Map<string, string> } | undefined {
  const [first = '', ...lines] = text.split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-5][0-9][0-9])(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    headers.set(name.toLowerCase(), value!);
  }
  return { status: Number(status), headers };
}

/** The content of the chunks, and where they end; no `end` yet: more must come. */
function dechunked(bytes: Buffer): { body: Buffer; end?: number } {
  const parts: Buffer[] = [];
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return { body: Buffer.concat(parts) };
    const size = Number.parseInt(bytes.subarray(at, line).toString('latin1'), 16);
    const start = line + 2;
    if (Number.isNaN(size) || bytes.length < start + size + 2) return { body: Buffer.concat(parts) };
    if (size === 0) return { body: Buffer.concat(parts), end: start + 2 };
    parts.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
}
