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
  #current: Uint8Array = Buffer.alloc(0);
  #at = 0;
  #pending: Uint8Array[] = [];
  #unread = 0;
  /** Parsing makes no progress with fewer unread bytes. */
  #needed = 1;

  push(bytes: Uint8Array): void {
    this.#pending.push(bytes);
    this.#unread += bytes.byteLength;
  }

  /** The next message; undefined until more bytes come. Throws a RangeError at a length over the limit; the reader is useless then. */
  next(): string | undefined {
    while (this.#unread >= this.#needed) {
      if (this.#current.byteLength - this.#at < this.#needed) this.#join();
      const length = this.#length();
      if (length && this.#unread >= length.bytes + length.value) {
        const start = this.#at + length.bytes;
        this.#at = start + length.value;
        this.#unread -= length.bytes + length.value;
        this.#needed = 1;
        return Buffer.from(this.#current.buffer, this.#current.byteOffset + start, length.value).toString();
      }
      this.#needed = length ? length.bytes + length.value : this.#needed + 1;
    }
    return undefined;
  }

  #length(): { value: number; bytes: number } | undefined {
    for (let bytes = 1, value = 0; ; bytes++) {
      const byte = this.#current[this.#at + bytes - 1];
      if (byte === undefined) return undefined;
      value |= (byte & 0x7f) << (7 * (bytes - 1));
      const last = byte < 0x80;
      if (value > FRAME_LIMIT || (!last && bytes === LENGTH_LIMIT))
        throw new RangeError('a frame over the limit');
      if (last) return { value, bytes };
    }
  }

  /** Called only when enough bytes have come: a message in a thousand pieces is copied once, not a thousand times. */
  #join(): void {
    this.#current = Buffer.concat([this.#current.subarray(this.#at), ...this.#pending]);
    this.#at = 0;
    this.#pending = [];
  }
}
