/** Bytes of one message, without its length. */
export const FRAME_LIMIT = 1024 * 1024;

/** A varint of 3 bytes reaches 2 MiB. A longer one is over the limit, or badly encoded. */
const LENGTH_LIMIT = 3;

/** Encodes a message: its length as an unsigned varint (multiformats), then its text. */
export function frameOf(text: string): Buffer {
  const size = Buffer.byteLength(text);
  const length: number[] = [];
  let rest = size;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  length.push(rest);
  const frame = Buffer.allocUnsafe(length.length + size);
  frame.set(length);
  frame.write(text, length.length);
  return frame;
}

/** Splits a stream of bytes into messages. Buffers at most one incomplete message and the bytes that came with it. */
export class FrameReader {
  #chunks: Uint8Array[] = [];
  #unread = 0;
  /** Of the message that comes next, as far as its bytes have come. */
  #length = { value: 0, bytes: 0, whole: false };

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#unread += bytes.byteLength;
  }

  /** The next message; undefined until more bytes come. Throws a RangeError at a length over the limit; the reader is useless then. */
  next(): string | undefined {
    const length = this.#length;
    while (!length.whole) {
      const byte = this.#take(1)?.[0];
      if (byte === undefined) return undefined;
      length.value |= (byte & 0x7f) << (7 * length.bytes++);
      length.whole = byte < 0x80;
      if (length.value > FRAME_LIMIT || (!length.whole && length.bytes === LENGTH_LIMIT))
        throw new RangeError('a frame over the limit');
    }
    const text = this.#take(length.value)?.toString();
    if (text !== undefined) this.#length = { value: 0, bytes: 0, whole: false };
    return text;
  }

  /** Joins only when enough bytes have come: a message in a thousand pieces is copied once, not a thousand times. */
  #take(size: number): Buffer | undefined {
    if (this.#unread < size) return undefined;
    const [first] = this.#chunks;
    const all = first && first.byteLength >= size ? first : Buffer.concat(this.#chunks.splice(0));
    this.#chunks[0] = all.subarray(size);
    this.#unread -= size;
    return Buffer.from(all.buffer, all.byteOffset, size);
  }
}
