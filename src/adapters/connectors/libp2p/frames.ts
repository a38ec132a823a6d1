/** Bytes of one message, without its length. */
export const FRAME_LIMIT = 1024 * 1024;

/** A varint of this many bytes can say 2 MiB: a longer one says too much, or the little it says in a wrong way. */
const LENGTH_LIMIT = 3;

/** A message with its length before it, as an unsigned varint (multiformats). */
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

/** Takes the messages out of a stream of bytes. Holds at most one that is not whole yet, and what came with it. */
export class FrameReader {
  #now: Uint8Array = Buffer.alloc(0);
  #at = 0;
  #later: Uint8Array[] = [];
  #unread = 0;
  /** Bytes without which it is no use to look. */
  #needed = 1;

  push(bytes: Uint8Array): void {
    this.#later.push(bytes);
    this.#unread += bytes.byteLength;
  }

  /** The next message; undefined until more has come. Throws a RangeError at a length over the limit; there is no going on after it. */
  next(): string | undefined {
    while (this.#unread >= this.#needed) {
      if (this.#now.byteLength - this.#at < this.#needed) this.#join();
      const length = this.#length();
      if (length && this.#unread >= length.bytes + length.value) {
        const start = this.#at + length.bytes;
        this.#at = start + length.value;
        this.#unread -= length.bytes + length.value;
        this.#needed = 1;
        return Buffer.from(this.#now.buffer, this.#now.byteOffset + start, length.value).toString();
      }
      this.#needed = length ? length.bytes + length.value : this.#needed + 1;
    }
    return undefined;
  }

  #length(): { value: number; bytes: number } | undefined {
    for (let bytes = 1, value = 0; ; bytes++) {
      const byte = this.#now[this.#at + bytes - 1];
      if (byte === undefined) return undefined;
      value |= (byte & 0x7f) << (7 * (bytes - 1));
      const last = byte < 0x80;
      if (value > FRAME_LIMIT || (!last && bytes === LENGTH_LIMIT))
        throw new RangeError('a frame over the limit');
      if (last) return { value, bytes };
    }
  }

  /** Only once there is enough for a look: a message in a thousand pieces is copied once, not a thousand times. */
  #join(): void {
    this.#now = Buffer.concat([this.#now.subarray(this.#at), ...this.#later]);
    this.#at = 0;
    this.#later = [];
  }
}
