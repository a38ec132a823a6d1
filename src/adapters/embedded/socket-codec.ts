/** Before each frame: how many bytes it has. */
const HEAD = 4;

/** The text as a frame of a socket: its length in four bytes, then UTF-8. */
export function encodeText(text: string): Buffer {
  const frame = Buffer.allocUnsafe(HEAD + Buffer.byteLength(text));
  frame.writeUInt32BE(frame.length - HEAD);
  frame.write(text, HEAD);
  return frame;
}

/** Cuts what a socket brings into frames of at most `limit` bytes. */
export class SocketDecoder {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The frames that are whole with `chunk`. Throws when one is larger than the limit. */
  *take(chunk: Buffer): Generator<string> {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    for (;;) {
      const length = this.#size < HEAD ? undefined : this.#joined(HEAD).readUInt32BE();
      if (length !== undefined && length > this.#limit) throw new Error('a frame is too large');
      if (length === undefined || this.#size < HEAD + length) return;
      const all = this.#joined(HEAD + length);
      yield all.toString('utf8', HEAD, HEAD + length);
      this.#chunks = [all.subarray(HEAD + length)];
      this.#size -= HEAD + length;
    }
  }

  /** One buffer with at least the first `bytes`: joined only when a frame is whole, not with every chunk. */
  #joined(bytes: number): Buffer {
    const first = this.#chunks[0]!;
    if (first.length >= bytes) return first;
    const all = Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }
}
