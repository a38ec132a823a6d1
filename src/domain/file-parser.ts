import { isUtf8 } from 'node:buffer';
import type { FileTile, FileVersion } from './file-tile.ts';
import { isObject, parseJson } from './json.ts';
import { printable, printableExpects } from './printable.ts';
import { isBrickOfOld, MAX_BRICK, parseTileKey, secondsOf } from './tile.ts';

/** The file is not what it should be: its message says how, and everybody may read it. */
export class BrokenFile extends Error {
  override name = 'BrokenFile';
}

/** Bytes of one entry: a tile takes some hundred at most. */
const MOST_BYTES = 64 * 1024;
/** What a whole manifest has where a tile file has tiles. */
const MANIFEST_KEY = /^\s*"(cursor|revision|committedAt|view|compositors|regions|tiles)"\s*:/;
const WHOLE_MANIFEST =
  'of a whole manifest, which is no tile file: export it without --everything, or take the object in its "tiles" alone';
/** Characters of a key in a message. */
const KEY_LENGTH = 40;

const [QUOTE, COMMA, BACKSLASH, OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = Buffer.from(
  '",\\{}[]',
) as unknown as readonly [number, number, number, number, number, number, number];
const BLANKS = Buffer.from(' \n\r\t');
const MARK = Buffer.from('\uFEFF');

/**
 * Reads InfiniteMap's file, `{"x,y": {"brick", "timestamp"}}`, piece by piece: a piece is parsed at once, and takes no longer than its bytes do.
 * Entries that are no tiles are counted and left out; fields that it does not know do no harm.
 */
export class FileParser {
  #tiles = new Map<string, FileTile>();
  #skipped = 0;
  #firstSkipped: string | undefined;
  /** What came after the last whole entry, and how much of it was looked at. */
  #rest: Buffer = Buffer.alloc(0);
  #depth = 0;
  /** Bytes of a byte order mark that have come. */
  #marked = 0;
  #inString = false;
  #escaped = false;
  /** The last byte of the outermost object has come. */
  #closed = false;
  /** What comes next follows a comma. */
  #afterComma = false;

  /** Takes the next bytes. Throws {@link BrokenFile}. */
  push(bytes: Buffer): void {
    const seen = this.#rest.length;
    const text = seen === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let from = 0;
    let comma = -1;
    for (let at = seen; at < text.length; at++) {
      const byte = text[at]!;
      if (this.#inString) this.#takeOfString(byte);
      else if (byte === COMMA && this.#depth === 1) comma = at;
      else if (this.#depth === 0) from = this.#begin(byte, at) ?? from;
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.#depth -= 1;
        if (this.#depth > 0) continue;
        if (byte !== CLOSE_OBJECT) throw notJson();
        this.#closed = true;
        this.#takeMembers(text.subarray(from, at), true);
        from = at + 1;
        comma = -1;
      }
    }
    if (comma >= 0) {
      this.#takeMembers(text.subarray(from, comma), false);
      from = comma + 1;
    }
    if (this.#depth === 0) from = text.length;
    if (text.length - from > MOST_BYTES) throw tooLong(text.subarray(from));
    this.#rest = Buffer.from(text.subarray(from));
  }

  /** The tiles that have come since this was last called, for who does not want all at once. */
  take(): ReadonlyMap<string, FileTile> {
    const tiles = this.#tiles;
    this.#tiles = new Map();
    return tiles;
  }

  /** What the file has (what {@link take} left), when all of it has come. Throws {@link BrokenFile} when it ends early. */
  end(): FileVersion {
    if (!this.#closed) throw new BrokenFile('ends before its JSON does');
    return { tiles: this.#tiles, skipped: this.#skipped, firstSkipped: this.#firstSkipped };
  }

  #takeOfString(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  /** A byte outside of the object; returns where the object's members begin. */
  #begin(byte: number, at: number): number | undefined {
    if (BLANKS.includes(byte)) return undefined;
    if (byte === MARK[this.#marked]) {
      this.#marked += 1;
      return undefined;
    }
    if (this.#closed) throw notJson();
    if (byte !== OPEN_OBJECT) throw new BrokenFile('is no JSON object');
    this.#depth = 1;
    return at + 1;
  }

  /** Whole members, up to a comma or (`isLast`) the end of the object. */
  #takeMembers(bytes: Buffer, isLast: boolean): void {
    if (!isUtf8(bytes)) throw new BrokenFile('is not UTF-8');
    const text = bytes.toString('utf8');
    const isBlank = text.trim() === '';
    if (isBlank && (!isLast || this.#afterComma)) throw notJson();
    this.#afterComma = !isLast;
    const members = parseJson(`{${text}}`);
    if (!isObject(members)) throw notJson();
    for (const key of Object.keys(members)) this.#takeEntry(key, members[key]);
  }

  #takeEntry(key: string, value: unknown): void {
    const problem = this.#problemOf(key, value);
    if (problem === undefined) {
      const { brick, timestamp } = value as FileTile;
      this.#tiles.set(key, { brick, timestamp: secondsOf(timestamp) });
      return;
    }
    this.#skipped += 1;
    this.#firstSkipped ??= `${printable(JSON.stringify(key.slice(0, KEY_LENGTH)))} ${problem}`;
  }

  #problemOf(key: string, value: unknown): string | undefined {
    if (MANIFEST_KEY.test(`${JSON.stringify(key)}:`)) return `is ${WHOLE_MANIFEST}`;
    if (!parseTileKey(key)) return 'is no cell such as "3,-4"';
    if (!isObject(value)) return 'has no object with brick and timestamp';
    // A tile of the map that the file has stays one: what is new is looked at when it is written.
    if (!isBrickOfOld(value['brick'])) return `has a brick that is not ${printableExpects(1, MAX_BRICK)}`;
    const timestamp = value['timestamp'];
    const isTime = typeof timestamp === 'number' && timestamp >= 0 && timestamp <= Number.MAX_SAFE_INTEGER;
    return isTime ? undefined : 'has a timestamp that is no number of seconds';
  }
}

function tooLong(entry: Buffer): BrokenFile {
  const [, key] = MANIFEST_KEY.exec(entry.toString('latin1', 0, 100)) ?? [];
  if (key !== undefined) return new BrokenFile(`has the entry "${key}" ${WHOLE_MANIFEST}`);
  return new BrokenFile(`has an entry of more than ${MOST_BYTES} bytes`);
}

function notJson(): BrokenFile {
  return new BrokenFile('is not JSON');
}
