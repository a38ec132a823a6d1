/** The folders that Geometry OS keeps pictures in. */
export const SHELVES = ['queue', 'processed', 'map'] as const;
export type Shelf = (typeof SHELVES)[number];

/** The longest name of a file, in bytes of UTF-8. */
const MOST_BYTES = 255;

/** A file that is open. Whoever opened it closes it, also after an error. */
export interface StoredFile {
  /** In bytes. */
  readonly size: number;
  /** A strong validator, quotes included: another one after each write to the file. */
  readonly etag: string;
  /** The bytes from `start` to `end`, both included, piece by piece. Throws when the file has become shorter. */
  read(start: number, end: number): AsyncGenerator<Buffer, void, undefined>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Files of Geometry OS, by their folder and their name. */
export interface BrickFiles {
  /** Undefined: there is no such file, or it is none, or it lies elsewhere. Throws `overloaded` when too many files are open. */
  open(folder: Shelf | 'metadata', name: string): Promise<StoredFile | undefined>;
}

/** Whether a name can be that of a file in a folder: no way out of it, nothing hidden, nothing that a terminal would obey. */
export function isSafeName(name: string): boolean {
  if (name === '' || name.startsWith('.') || Buffer.byteLength(name) > MOST_BYTES) return false;
  return !/[/\\\p{Cc}\p{Cs}\u2028\u2029]/u.test(name);
}

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
};

/** The types that pictures are served with. */
export const PICTURE_TYPES: readonly string[] = [...new Set(Object.values(TYPES))];

/** What files of a type begin with, in Latin-1. */
const BEGINNINGS: readonly (readonly [type: string, beginning: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/avif', /^[^]{4}ftypavi[fs]/],
  ['image/bmp', /^BM/],
];

/** How many bytes of a file {@link pictureType} wants to see. */
export const BEGINNING_BYTES = 16;

/** The type of a picture: by the end of its name, else by its first bytes. Undefined: it is no picture. */
export function pictureType(name: string, beginning: Buffer): string | undefined {
  const end = name.slice(name.lastIndexOf('.') + 1).toLowerCase();
  if (Object.hasOwn(TYPES, end)) return TYPES[end];
  const text = beginning.toString('latin1');
  return BEGINNINGS.find(([, pattern]) => pattern.test(text))?.[0];
}
