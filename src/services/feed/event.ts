import type { Compositor } from '../../domain/compositor.ts';
import type { Tile } from '../../domain/tile.ts';

/** Longest `data:` line and largest part, in bytes: beyond it proxies and clients begin to choke. */
export const LINE_LIMIT = 64 * 1024;

/** Entries of one part: what is around them must fit in {@link LINE_LIMIT}, too. */
export const PART_LIMIT = LINE_LIMIT - 1024;

/** One or more whole server-sent events, encoded once for all who get them. */
export interface Frame {
  /** The events inside their HTTP/1.1 chunk, ready for the socket. */
  readonly chunked: Buffer;
  /** The events alone, for a connection without chunks (HTTP/1.0). */
  readonly bare: Buffer;
}

/** Joins texts of whole events or comments into one frame. */
export function encodeFrame(text: string): Frame {
  const length = Buffer.byteLength(text);
  const head = `${length.toString(16)}\r\n`;
  const chunked = Buffer.allocUnsafe(head.length + length + 2);
  chunked.write(head, 0, 'latin1');
  chunked.write(text, head.length);
  chunked.write('\r\n', head.length + length, 'latin1');
  return { chunked, bare: chunked.subarray(head.length, head.length + length) };
}

/** An event whose data is short. `data` holds no line break: JSON.stringify escapes them all. */
export function encodeEvent(name: string, id: string | undefined, data: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}

/** A comment. */
export function encodeComment(text: string): string {
  return `: ${text}\n`;
}

/** Tells the browser when to come back. */
export function encodeRetry(ms: number): string {
  return `retry: ${Math.round(ms)}\n`;
}

export type Entry = readonly [string, Compositor | Tile | null];

/** Names of compositors have no comma, names of tiles always do: one set can hold both. */
export function isTileKey(name: string): boolean {
  return name.includes(',');
}

/** Collects entries of a patch or snapshot as JSON, split over `data:` lines at entry bounds. */
export class PatchEncoder {
  readonly #compositors: string[] = [];
  readonly #tiles: string[] = [];
  #bytes = 0;
  #size = 0;

  /** How many entries there are. */
  get size(): number {
    return this.#size;
  }

  /** About how many bytes the event has so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an entry; false, and nothing is added, when it would make a part that has some already too large. */
  add(name: string, value: Compositor | Tile | null, limit: number = PART_LIMIT): boolean {
    const text = `"${name}":${JSON.stringify(value)}`;
    const bytes = Buffer.byteLength(text) + 1;
    if (this.#size > 0 && this.#bytes + bytes > limit) return false;
    (isTileKey(name) ? this.#tiles : this.#compositors).push(text);
    this.#bytes += bytes;
    this.#size += 1;
    return true;
  }

  /** The event; `before` and `after` are JSON members around the two maps, with their commas. */
  finish(name: string, id: string | undefined, before: string, after: string): string {
    const lines = new DataLines(`{${before}"compositors":{`);
    lines.list(this.#compositors);
    lines.add('},"tiles":{');
    lines.list(this.#tiles);
    lines.add(`}${after}}`);
    return encodeEvent(name, id, lines.text);
  }
}

/** JSON broken into `data:` lines. A break may stand only between tokens: never inside a string. */
class DataLines {
  text: string;
  #line: number;

  constructor(start: string) {
    this.text = start;
    this.#line = start.length;
  }

  add(piece: string): void {
    const bytes = Buffer.byteLength(piece);
    if (this.#line + bytes > LINE_LIMIT - 16) {
      this.text += '\ndata: ';
      this.#line = 0;
    }
    this.text += piece;
    this.#line += bytes;
  }

  list(entries: readonly string[]): void {
    for (let i = 0; i < entries.length; i++) this.add(i === 0 ? entries[i]! : `,${entries[i]!}`);
  }
}
