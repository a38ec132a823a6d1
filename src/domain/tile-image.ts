import { crc32 } from 'node:zlib';
import { parseCursor, type Cursor } from './cursor.ts';
import { cellOf, type Tile } from './tile.ts';

/**
 * All tiles at one cursor in a compact binary form, about 28 bytes each, for a quick start. A line of JSON, then parts, then the
 * checksum (CRC-32) of everything before it. Numbers are little-endian. A part has its own texts, so that neither
 * side keeps more than one part:
 *
 *     u32 texts, each u16 bytes and JSON | u32 tiles | for each: i32 x, i32 y, u32 brick, u32 owner, f64 timestamp
 */
const FORMAT = 1;
const TILE_BYTES = 24;
const CHECKSUM_BYTES = 4;

type Entry = readonly [string, Tile];

interface Head {
  readonly format: number;
  readonly head: string;
}

/** Encodes an image, part by part. */
export class ImageEncoder {
  #sum = 0;

  /** What it begins with. */
  begin(head: Cursor): Buffer {
    return this.#count(Buffer.from(`${JSON.stringify({ format: FORMAT, head } satisfies Head)}\n`));
  }

  /** Some tiles; undefined for none. */
  part(tiles: Iterable<Entry>): Buffer | undefined {
    const texts = new Texts();
    const rows: [x: number, y: number, brick: number, owner: number, timestamp: number][] = [];
    for (const [key, { brick, compositor, timestamp }] of tiles) {
      const { x, y } = cellOf(key);
      rows.push([x, y, texts.add(brick), texts.add(compositor), timestamp]);
    }
    if (rows.length === 0) return undefined;
    const head = texts.encode();
    const part = Buffer.allocUnsafe(head.length + 4 + TILE_BYTES * rows.length);
    head.copy(part);
    let at = part.writeUInt32LE(rows.length, head.length);
    for (const [x, y, brick, owner, timestamp] of rows) {
      at = part.writeInt32LE(x, at);
      at = part.writeInt32LE(y, at);
      at = part.writeUInt32LE(brick, at);
      at = part.writeUInt32LE(owner, at);
      at = part.writeDoubleLE(timestamp, at);
    }
    return this.#count(part);
  }

  /** What it ends with. */
  end(): Buffer {
    const end = Buffer.alloc(CHECKSUM_BYTES);
    end.writeUInt32LE(this.#sum);
    return end;
  }

  #count(bytes: Buffer): Buffer {
    this.#sum = crc32(bytes, this.#sum);
    return bytes;
  }
}

/** The cursor of an image of which `bytes` are the first ones; undefined when they are none. */
export function headOfImage(bytes: Buffer): Cursor | undefined {
  const end = bytes.indexOf('\n');
  if (end < 0) return undefined;
  try {
    const { format, head } = JSON.parse(bytes.toString('utf8', 0, end)) as Head;
    return format === FORMAT ? parseCursor(head) : undefined;
  } catch {
    return undefined;
  }
}

/** The tiles of a whole image. Throws a SyntaxError before the first of them when it is not as it was written. */
export function* tilesOfImage(image: Buffer): Generator<Entry, void, undefined> {
  const end = image.length - CHECKSUM_BYTES;
  if (end < 0 || image.readUInt32LE(end) !== crc32(image.subarray(0, end)))
    throw new SyntaxError('the image of the map is not whole');
  let at = image.indexOf('\n') + 1;
  while (at < end) {
    const texts: string[] = [];
    const count = image.readUInt32LE(at);
    at += 4;
    for (let i = 0; i < count; i++) {
      const length = image.readUInt16LE(at);
      texts.push(JSON.parse(image.toString('utf8', at + 2, at + 2 + length)) as string);
      at += 2 + length;
    }
    const tiles = image.readUInt32LE(at);
    at += 4;
    for (const last = at + TILE_BYTES * tiles; at < last; at += TILE_BYTES)
      yield [
        `${image.readInt32LE(at)},${image.readInt32LE(at + 4)}`,
        {
          brick: texts[image.readUInt32LE(at + 8)]!,
          timestamp: image.readDoubleLE(at + 16),
          compositor: texts[image.readUInt32LE(at + 12)]!,
        },
      ];
  }
}

/** Texts by number, each once. */
class Texts {
  readonly #numbers = new Map<string, number>();

  add(text: string): number {
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, (number = this.#numbers.size));
    return number;
  }

  encode(): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32LE(this.#numbers.size);
    const pieces = [count];
    for (const text of this.#numbers.keys()) {
      // UTF-8 alone has no form for half a surrogate pair.
      const bytes = Buffer.from(JSON.stringify(text));
      const length = Buffer.alloc(2);
      length.writeUInt16LE(bytes.length);
      pieces.push(length, bytes);
    }
    return Buffer.concat(pieces);
  }
}
