import type { Area } from '../../domain/area.ts';
import type { Compositor } from '../../domain/compositor.ts';
import type { Tile } from '../../domain/tile.ts';
import { gzipAtOnce, gzipInSteps, type Framed, type GzipFrame } from './gzip.ts';
import type { View } from '../../domain/view.ts';

/** Longest `data:` line and largest part, in bytes. Beyond it some proxies and clients fail. */
export const LINE_LIMIT = 64 * 1024;

/** Bytes of the entries in one part: the JSON around them must fit in {@link LINE_LIMIT}, too. */
export const PART_LIMIT = LINE_LIMIT - 1024;

/** What is written to a socket: one or more whole events, encoded, and compressed, once for all readers that are sent them. */
export class Frame implements Framed {
  readonly chunked: Buffer;
  readonly bare: Buffer;
  #gzip: GzipFrame | undefined;

  constructor({ chunked, bare }: Framed) {
    this.chunked = chunked;
    this.bare = bare;
  }

  /** The same compressed; made when the first reader wants it. */
  get gzip(): GzipFrame {
    return (this.#gzip ??= gzipAtOnce(this.bare));
  }

  /** Compresses it in steps between which others may run. */
  *compress(): Generator<void, void, undefined> {
    this.#gzip ??= yield* gzipInSteps(this.bare);
  }
}

/** Joins texts of whole events and comments into one frame. */
export function encodeFrame(text: string): Frame {
  const length = Buffer.byteLength(text);
  const head = `${length.toString(16)}\r\n`;
  const chunked = Buffer.allocUnsafe(head.length + length + 2);
  chunked.write(head, 0, 'latin1');
  chunked.write(text, head.length);
  chunked.write('\r\n', head.length + length, 'latin1');
  return new Frame({ chunked, bare: chunked.subarray(head.length, head.length + length) });
}

/** One event. `data` must hold no line break outside of a `\ndata: `; JSON.stringify escapes them all. */
export function encodeEvent(name: string, id: string | undefined, data: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`;
}

/** The first line of each stream. */
export const GREETING = ': compositord\n';

/** Tells the client how many milliseconds to wait before it reconnects. */
export function encodeRetry(ms: number): string {
  return `retry: ${Math.round(ms)}\n`;
}

/** The last member of a patch: when it was committed, or for a part when it was encoded. */
export function timeMember(ms: number): string {
  return `,"time":"${new Date(ms).toISOString()}"`;
}

/** A compositor by id, a tile by cell, or an area by name. */
export type Entry = readonly [string, Compositor | Tile | Area | null];

/** The map beside the compositors. */
export type CellMap = 'tiles' | 'areas';

export function mapOf(view: View): CellMap {
  return view.zoom === undefined ? 'tiles' : 'areas';
}

/** Ids of compositors have no comma, keys of tiles and names of areas always do: one set can hold both. */
export function isTileKey(name: string): boolean {
  return name.includes(',');
}

/** Collects the entries of a patch or snapshot as JSON, which it splits into `data:` lines between entries. */
export class PatchEncoder {
  readonly #map: CellMap;
  readonly #compositors: string[] = [];
  readonly #tiles: string[] = [];
  #bytes = 0;

  constructor(map: CellMap = 'tiles') {
    this.#map = map;
  }

  /** How many entries there are; a text of several counts as one. */
  get size(): number {
    return this.#compositors.length + this.#tiles.length;
  }

  /** About how many bytes the event has so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an entry. Returns false, and adds nothing, when it is not the first and the entries would pass `limit` bytes. */
  add(name: string, value: Entry[1], limit: number = PART_LIMIT): boolean {
    const text = `"${name}":${JSON.stringify(value)}`;
    const bytes = Buffer.byteLength(text) + 1;
    if (this.#bytes > 0 && this.#bytes + bytes > limit) return false;
    (isTileKey(name) ? this.#tiles : this.#compositors).push(text);
    this.#bytes += bytes;
    return true;
  }

  /** The same with tiles that are encoded already, as members of an object after a comma each. */
  addText(members: string, limit: number = PART_LIMIT): boolean {
    const bytes = Buffer.byteLength(members);
    if (this.#bytes > 0 && this.#bytes + bytes > limit) return false;
    this.#tiles.push(members.slice(1));
    this.#bytes += bytes;
    return true;
  }

  /** The event; `before` and `after` are JSON members around the two maps, with their commas. */
  finish(name: string, id: string | undefined, before: string, after: string): string {
    const lines = new DataLines(`{${before}"compositors":{`);
    lines.addList(this.#compositors);
    lines.add(`},"${this.#map}":{`);
    lines.addList(this.#tiles);
    lines.add(`}${after}}`);
    return encodeEvent(name, id, lines.text);
  }
}

/** JSON broken into `data:` lines. A break may stand only between tokens: never inside a string. */
export class DataLines {
  text: string;
  /** Bytes of the last line. */
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

  addList(entries: readonly string[]): void {
    for (let i = 0; i < entries.length; i++) this.add(i === 0 ? entries[i]! : `,${entries[i]!}`);
  }
}
