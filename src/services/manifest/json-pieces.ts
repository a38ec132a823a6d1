import type { LongWork } from '../../concurrency/long-work.ts';
import type { ManifestAt, TileGroup } from '../../domain/manifest-at.ts';
import type { View } from '../../domain/view.ts';
import type { BlockTexts } from './block-texts.ts';
import { SlicedRead } from './sliced-read.ts';
import { TextBuilder } from './text-builder.ts';

/** Bytes after which pieces are given out. */
const PIECE = 64 * 1024;

/** A long JSON text in pieces, each made when it is asked for. */
export type Pieces = AsyncGenerator<Buffer, void, undefined>;

type Entries = Iterable<readonly [string, unknown]>;
/** Adds a group of entries to the object that is open. */
type AddGroup<T> = (text: TextBuilder, group: T) => void;

const addEntries: AddGroup<Entries> = (text, entries) => {
  for (const [name, value] of entries) text.members(`,"${name}":${JSON.stringify(value)}`);
};

const addTiles =
  (texts: BlockTexts): AddGroup<TileGroup> =>
  (text, { blocks, tiles }) => {
    for (const block of blocks) {
      const known = texts.of(block);
      if (typeof known === 'string') text.members(known);
      else for (const piece of known) text.members(piece);
    }
    text.members(texts.encode(tiles));
  };

/** `before`, the compositors and the tiles of a manifest, as two members. */
export async function* manifestPieces(
  work: LongWork,
  manifest: ManifestAt,
  view: View,
  before: string,
  texts: BlockTexts,
): Pieces {
  const writer = new PieceWriter(work, () => manifest.catchUp());
  writer.text.open(`${before}"compositors":{`);
  yield* writer.members(() => manifest.compositorGroups(view), addEntries);
  writer.text.open('},"tiles":{');
  yield* writer.members(() => manifest.tileGroups(view), addTiles(texts));
  writer.text.add('}}\n');
  yield* writer.text.take();
}

/** The same of a small part of the map, at once. */
export function manifestText(manifest: ManifestAt, view: View, before: string, texts: BlockTexts): Buffer {
  const text = new TextBuilder();
  text.open(`${before}"compositors":{`);
  addEntries(text, manifest.compositors(view));
  text.open('},"tiles":{');
  for (const group of manifest.tileGroups(view)) addTiles(texts)(text, group);
  text.add('}}\n');
  return Buffer.concat(text.take());
}

/** The tiles of a view alone. */
export async function* tilePieces(
  work: LongWork,
  manifest: ManifestAt,
  view: View,
  texts: BlockTexts,
): Pieces {
  const writer = new PieceWriter(work, () => manifest.catchUp());
  writer.text.open('{');
  yield* writer.members(() => manifest.tileGroups(view), addTiles(texts));
  writer.text.add('}\n');
  yield* writer.text.take();
}

/** The same of a small part of the map, at once. */
export function tileText(manifest: ManifestAt, view: View, texts: BlockTexts): Buffer {
  const text = new TextBuilder();
  text.open('{');
  for (const group of manifest.tileGroups(view)) addTiles(texts)(text, group);
  text.add('}\n');
  return Buffer.concat(text.take());
}

/** A patch that nobody changes any more, between `before` and `after`. */
export async function* patchPieces(
  work: LongWork,
  patch: { readonly compositors: ReadonlyMap<string, unknown>; readonly tiles: ReadonlyMap<string, unknown> },
  before: string,
  after: string,
): Pieces {
  const writer = new PieceWriter(work, () => [].values());
  writer.text.open(`${before}"compositors":{`);
  yield* writer.members(() => groupsOf(patch.compositors, 8), addEntries);
  writer.text.open('},"tiles":{');
  yield* writer.members(() => groupsOf(patch.tiles, 1000), addEntries);
  writer.text.add(`}${after}`);
  yield* writer.text.take();
}

function* groupsOf<T>(entries: ReadonlyMap<string, T>, size: number) {
  let group: [string, T][] = [];
  for (const entry of entries) {
    if (group.push(entry) < size) continue;
    yield group;
    group = [];
  }
  yield group;
}

/** Collects text until there is enough for a piece, and works only in its slices. */
class PieceWriter {
  readonly text = new TextBuilder();
  readonly #read: SlicedRead;

  constructor(work: LongWork, catchUp: () => Iterator<unknown>) {
    this.#read = new SlicedRead(work, catchUp);
  }

  async *members<T>(groups: () => Iterable<T>, add: AddGroup<T>): Pieces {
    await this.#read.prepare();
    // Begun only now: the first group is chosen from what is there then.
    for (const group of groups()) {
      add(this.text, group);
      if (this.text.length >= PIECE) {
        yield* this.text.take();
        this.#read.endSlice();
      }
      await this.#read.prepare();
    }
  }
}
