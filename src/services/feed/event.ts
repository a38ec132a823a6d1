import type { Area } from '../../domain/area.ts';
import type { Compositor } from '../../domain/compositor.ts';
import { isRegionId, type Region } from '../../domain/region.ts';
import type { Tile } from '../../domain/tile.ts';
import type { View } from '../../domain/view.ts';
import {
  lengthOf,
  plainOf,
  type PieceSegment,
  type Segment,
  type TextPiece,
} from '../manifest/text-piece.ts';
import { framed, gzipAtOnce, gzipInSteps, gzipSegments, type Framed, type GzipFrame } from './gzip.ts';

/** Longest `data:` line and largest part, in bytes. Beyond it some proxies and clients fail. */
export const LINE_LIMIT = 64 * 1024;

/** Bytes of the entries in one part: the JSON around them must fit in {@link LINE_LIMIT}, too. */
export const PART_LIMIT = LINE_LIMIT - 1024;

/** What is written to a socket: one or more whole events, encoded, and compressed, once for all readers that are sent them. */
export class Frame implements Framed {
  /** Where some of it are texts that are kept anyway. */
  readonly #segments: readonly Segment[] | undefined;
  #framed: Framed | undefined;
  #gzip: GzipFrame | undefined;

  constructor(content: Framed | readonly Segment[]) {
    if ('bare' in content) this.#framed = content;
    else this.#segments = content;
  }

  get chunked(): Buffer {
    return this.#plain.chunked;
  }

  get bare(): Buffer {
    return this.#plain.bare;
  }

  /** The same compressed; made when the first reader wants it. */
  get gzip(): GzipFrame {
    return (this.#gzip ??= this.#segments ? gzipSegments(this.#segments) : gzipAtOnce(this.bare));
  }

  /** Compresses it in steps between which others may run. */
  *compress(): Generator<void, void, undefined> {
    this.#gzip ??= yield* gzipInSteps(this.bare);
  }

  get #plain(): Framed {
    return (this.#framed ??= framed(this.#segments!.map(plainOf)));
  }
}

/** The text of an event, and pieces that are kept anyway, in order. */
export type EventText = readonly (string | PieceSegment)[];

/** Puts whole events and comments into one frame. */
export function encodeFrame(text: string | EventText): Frame {
  if (typeof text !== 'string')
    return new Frame(text.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
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
  return `${eventHead(name, id)}${data}${EVENT_END}`;
}

function eventHead(name: string, id: string | undefined): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: `;
}

const EVENT_END = '\n\n';

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

/** A compositor or a region by id, a tile by cell, or an area by name. */
export type Entry = readonly [string, Compositor | Region | Tile | Area | null];

/** The map beside the compositors. */
export type CellMap = 'tiles' | 'areas';

export function mapOf(view: View): CellMap {
  return view.zoom === undefined ? 'tiles' : 'areas';
}

/** The kind of an entry: keys of tiles and names of areas have a comma, ids of regions a capital. One set can hold all names. */
export function kindOf(name: string): 'compositor' | 'region' | 'cell' {
  if (name.includes(',')) return 'cell';
  return isRegionId(name) ? 'region' : 'compositor';
}

/** Collects the entries of a patch or snapshot as JSON, which it splits into `data:` lines between entries. */
export class PatchEncoder {
  readonly #map: CellMap;
  readonly #compositors: (string | TextPiece)[] = [];
  readonly #regions: (string | TextPiece)[] = [];
  readonly #cells: (string | TextPiece)[] = [];
  #bytes = 0;

  constructor(map: CellMap = 'tiles') {
    this.#map = map;
  }

  /** How many entries there are; a piece of several counts as one. */
  get size(): number {
    return this.#compositors.length + this.#regions.length + this.#cells.length;
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
    this.#listOf(name).push(text);
    this.#bytes += bytes;
    return true;
  }

  /** The same with tiles that are encoded for this part alone, as members of an object after a comma each. */
  addMembers(members: string, limit: number = PART_LIMIT): boolean {
    const bytes = Buffer.byteLength(members);
    if (this.#bytes > 0 && this.#bytes + bytes > limit) return false;
    this.#cells.push(members.slice(1));
    this.#bytes += bytes;
    return true;
  }

  /** The same with tiles that many are sent. */
  addPiece(piece: TextPiece, limit: number = PART_LIMIT): boolean {
    const bytes = piece.plain.length;
    if (this.#bytes > 0 && this.#bytes + bytes > limit) return false;
    this.#cells.push(piece);
    this.#bytes += bytes;
    return true;
  }

  /** The event; `before` and `after` are JSON members around the maps, with their commas. */
  finish(name: string, id: string | undefined, before: string, after: string): string | EventText {
    const lines = new DataLines(`{${before}"compositors":{`);
    lines.addList(this.#compositors);
    if (this.#regions.length > 0) {
      lines.add(REGIONS);
      lines.addList(this.#regions);
    }
    lines.add(`},"${this.#map}":{`);
    lines.addList(this.#cells);
    lines.add(`}${after}}`);
    const { done, text } = lines;
    if (done.length === 0) return encodeEvent(name, id, text);
    return [eventHead(name, id), ...done, `${text}${EVENT_END}`];
  }

  #listOf(name: string): (string | TextPiece)[] {
    const kind = kindOf(name);
    if (kind === 'cell') return this.#cells;
    return kind === 'region' ? this.#regions : this.#compositors;
  }
}

/** Ends a map, and begins that of the regions, which is left out where there are none. */
export const REGIONS = '},"regions":{';

/** JSON broken into `data:` lines. A break may stand only between tokens: never inside a string. */
export class DataLines {
  /** What comes after {@link done}. */
  text: string;
  /** Up to the last piece. */
  readonly done: (string | PieceSegment)[] = [];
  /** Bytes of the last line. */
  #line: number;

  constructor(start: string) {
    this.text = start;
    this.#line = start.length;
  }

  add(text: string): void {
    this.#break(Buffer.byteLength(text));
    this.text += text;
  }

  addList(entries: readonly (string | TextPiece)[]): void {
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!;
      if (typeof entry === 'string') this.add(i === 0 ? entry : `,${entry}`);
      else this.#addPiece({ piece: entry, isFirst: i === 0 });
    }
  }

  #addPiece(segment: PieceSegment): void {
    this.#break(lengthOf(segment));
    this.done.push(this.text, segment);
    this.text = '';
  }

  /** Makes room for so many bytes. */
  #break(bytes: number): void {
    if (this.#line + bytes > LINE_LIMIT - 16) {
      this.text += '\ndata: ';
      this.#line = 0;
    }
    this.#line += bytes;
  }
}
