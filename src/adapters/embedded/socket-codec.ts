/** Before each text come its bytes, as a number of this many bytes. */
const PREFIX = 4;

/** The text as it goes over a socket: its length in four bytes, then UTF-8. */
export function encodeText(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(PREFIX + Buffer.byteLength(text));
  bytes.writeUInt32BE(bytes.length - PREFIX);
  bytes.write(text, PREFIX);
  return bytes;
}

/** Cuts what comes in over a socket into texts of at most `limit` bytes. */
export class SocketDecoder {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The texts that are complete with `chunk`. Throws when one is larger than the limit. */
  *take(chunk: Buffer): Generator<string> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    while (this.#size >= PREFIX) {
      const end = PREFIX + this.#joined(PREFIX).readUInt32BE();
      if (end - PREFIX > this.#limit) throw new Error('a message is too large');
      if (this.#size < end) return;
      const all = this.#joined(end);
      yield all.toString('utf8', PREFIX, end);
      this.#chunks = [all.subarray(end)];
      this.#size -= end;
    }
  }

  /** One buffer with at least the first `bytes`: joined only when a text is complete, not with every chunk. */
  #joined(bytes: number): Buffer {
    const first = this.#chunks[0]!;
    if (first.length >= bytes) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
