import {
  BEGINNING_BYTES,
  pictureType,
  type BrickFiles,
  type Shelf,
  type StoredFile,
} from '../../domain/brick-files.ts';
import { DomainError } from '../../domain/errors.ts';
import type { DrawnPictures } from './drawn-pictures.ts';
import type { OwnerPictures, WholePicture } from './owner-pictures.ts';

/** Where else a folder's pictures are looked for: InfiniteMap looks into `processed` only when `queue` fails, and a drawn picture is no failure. */
const ALSO: Readonly<Record<Shelf, readonly Shelf[]>> = {
  queue: ['queue', 'processed'],
  processed: ['processed'],
  map: ['map'],
};

/** The most bytes of a file with metadata. */
const MOST_METADATA = 2 ** 20;

/** A picture in a file, which whoever has it must close. */
export interface FilePicture {
  readonly type: string;
  readonly file: StoredFile;
}

export type Picture =
  | { readonly from: 'file'; readonly picture: FilePicture }
  | { readonly from: 'owner'; readonly picture: WholePicture }
  /** Drawn only when somebody needs it: a client may have it already. */
  | { readonly from: 'name'; readonly draw: () => Promise<Buffer> }
  | { readonly from: 'elsewhere'; readonly url: string };

export interface PicturesOptions {
  /** Absent: there are no files. */
  readonly files?: BrickFiles | undefined;
  /** An address with `{brick}`, to which all requests for pictures are redirected. */
  readonly template?: string | undefined;
  /** Absent: owners are left alone. */
  readonly owners?: OwnerPictures | undefined;
  /** Absent: a picture that is missing stays so. */
  readonly drawn?: DrawnPictures | undefined;
}

/** The pictures of bricks, from wherever there is one. */
export class Pictures {
  readonly #options: PicturesOptions;

  constructor(options: PicturesOptions) {
    this.#options = options;
  }

  /** `brick` is a safe name. Undefined: there is none. Throws `overloaded` when too many wait. */
  async find(shelf: Shelf, brick: string): Promise<Picture | undefined> {
    const { template, owners, drawn } = this.#options;
    // A program that looks for a file must not get a picture.
    if (brick.endsWith('.json')) return undefined;
    if (template !== undefined)
      return { from: 'elsewhere', url: template.replaceAll('{brick}', encodeURIComponent(brick)) };
    const file = await this.#inFolder(shelf, brick);
    if (file) return { from: 'file', picture: file };
    const owned = await owners?.of(brick);
    if (owned) return { from: 'owner', picture: owned };
    return drawn && { from: 'name', draw: () => drawn.of(brick) };
  }

  /** What a file of the folder `metadata` holds. Throws `not-found`, also when it is no JSON. */
  async metadata(name: string): Promise<unknown> {
    const file = await this.#options.files?.open('metadata', name);
    if (!file) throw new DomainError('not-found', `there is no metadata ${JSON.stringify(name)}`);
    try {
      if (file.size > MOST_METADATA)
        throw new DomainError('not-found', `${name} has more than ${MOST_METADATA} bytes`);
      return JSON.parse((await wholeFile(file)).toString()) as unknown;
    } catch (error) {
      if (error instanceof DomainError) throw error;
      // Its writer may be about to write the rest.
      throw new DomainError('not-found', `${name} is no JSON at the moment`, { cause: error });
    } finally {
      await file.close();
    }
  }

  async #inFolder(shelf: Shelf, brick: string): Promise<FilePicture | undefined> {
    for (const each of ALSO[shelf]) {
      const file = await this.#options.files?.open(each, brick);
      const picture = file && (await asPicture(file, brick));
      if (picture) return picture;
    }
    return undefined;
  }
}

/** All of a file that is small. Throws `overloaded` when it changes meanwhile. */
export async function wholeFile(file: StoredFile): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of file.read(0, file.size - 1)) pieces.push(piece);
  } catch (error) {
    throw new DomainError('overloaded', 'the file changed while it was read', {
      retryAfter: 1,
      cause: error,
    });
  }
  return Buffer.concat(pieces);
}

/** Closes the file when it is no picture (an empty one is about to become one), or cannot be read. */
async function asPicture(file: StoredFile, brick: string): Promise<FilePicture | undefined> {
  let type: string | undefined;
  try {
    if (file.size === 0) return undefined;
    const beginning = await file.read(0, Math.min(file.size, BEGINNING_BYTES) - 1).next();
    type = pictureType(brick, beginning.value ?? Buffer.alloc(0));
    return type === undefined ? undefined : { type, file };
  } finally {
    if (type === undefined) await file.close();
  }
}
