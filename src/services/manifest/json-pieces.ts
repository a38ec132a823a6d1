import type { LongWork } from '../../concurrency/long-work.ts';
import type { ManifestAt, TileGroup } from '../../domain/manifest-at.ts';
import type { View } from '../../domain/view.ts';
import type { BlockTexts } from './block-texts.ts';
import { SlicedRead } from './sliced-read.ts';
import { TextBuilder } from './text-builder.ts';
import { joined, lengthOf, type Segment } from './text-piece.ts';

/** Bytes after which segments are given out. */
const AT_ONCE = 64 * 1024;

/** A long JSON text in segments, each made when it is asked for. */
export type Pieces = AsyncGenerator<Segment, void, undefined>;

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

/** The end of the map that is open, and the regions, if there are any. */
function addRegions(text: TextBuilder, regions: Iterable<readonly [string, unknown]>): void {
  const entries = [...regions];
  if (entries.length === 0) return;
  text.open('},"regions":{');
  addEntries(text, entries);
}

/** `before`, and the compositors, the regions and the tiles of a manifest as members. */
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
  addRegions(writer.text, manifest.regions(view));
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
  addRegions(text, manifest.regions(view));
  text.open('},"tiles":{');
  for (const group of manifest.tileGroups(view)) addTiles(texts)(text, group);
  text.add('}}\n');
  return joined(text.take());
}

/** How tiles stand in a text of their own. */
export interface TileForm {
  readonly texts: BlockTexts;
  /** Ends with the beginning of the object that they are the members of. */
  readonly before: string;
  /** Begins with the end of that object. */
  readonly after: string;
}

/** Nothing but the tiles. */
export function alone(texts: BlockTexts): TileForm {
  return { texts, before: '{', after: '}\n' };
}

/** The tiles of a view. */
export async function* tilePieces(
  work: LongWork,
  manifest: ManifestAt,
  view: View,
  { texts, before, after }: TileForm,
): Pieces {
  const writer = new PieceWriter(work, () => manifest.catchUp());
  writer.text.open(before);
  yield* writer.members(() => manifest.tileGroups(view), addTiles(texts));
  writer.text.add(after);
  yield* writer.text.take();
}

/** The same of a small part of the map, at once. */
export function tileText(manifest: ManifestAt, view: View, { texts, before, after }: TileForm): Buffer {
  const text = new TextBuilder();
  text.open(before);
  for (const group of manifest.tileGroups(view)) addTiles(texts)(text, group);
  text.add(after);
  return joined(text.take());
}

/** What is there already: given out in slices as if it were made, since to send it takes time, too. */
export async function* keptPieces(work: LongWork, segments: readonly Segment[]): Pieces {
  const read = new SlicedRead(work, () => [].values());
  let bytes = 0;
  for (const segment of segments) {
    if (bytes === 0) await read.prepare();
    yield segment;
    bytes += lengthOf(segment);
    if (bytes < AT_ONCE) continue;
    read.endSlice();
    bytes = 0;
  }
}

/** A patch that nobody changes any more, between `before` and `after`. */
export async function* patchPieces(
  work: LongWork,
  patch: {
    readonly compositors: ReadonlyMap<string, unknown>;
    readonly tiles: ReadonlyMap<string, unknown>;
    readonly regions: ReadonlyMap<string, unknown>;
  },
  before: string,
  after: string,
): Pieces {
  const writer = new PieceWriter(work, () => [].values());
  writer.text.open(`${before}"compositors":{`);
  yield* writer.members(() => groupsOf(patch.compositors, 8), addEntries);
  if (patch.regions.size > 0) writer.text.open('},"regions":{');
  yield* writer.members(() => groupsOf(patch.regions, 1000), addEntries);
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
      if (this.text.length >= AT_ONCE) {
        yield* this.text.take();
        this.#read.endSlice();
      }
      await this.#read.prepare();
    }
  }
}
