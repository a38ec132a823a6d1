import type { LongWork, SliceIsOver } from '../../concurrency/long-work.ts';
import type { ManifestAt } from '../../domain/manifest-at.ts';
import type { Tile } from '../../domain/tile.ts';
import type { View } from '../../domain/view.ts';

/** Characters after which a piece is given out. */
const PIECE = 64 * 1024;

/** A long JSON text in pieces of about 64 KiB, each made when it is asked for. */
export type Pieces = AsyncGenerator<Buffer, void, undefined>;

/** Members of an object: the part of a JSON text between two braces. */
type Members<T> = (entries: Iterable<readonly [string, T]>) => string[];

const ENTRY: Members<unknown> = (entries) => {
  const texts: string[] = [];
  for (const [name, value] of entries) texts.push(`"${name}":${JSON.stringify(value)}`);
  return texts;
};

/** Tiles as InfiniteMap's file and `PUT .../tiles` have them, without their owners. */
export const OWN_TILE: Members<Tile> = (entries) => {
  const texts: string[] = [];
  for (const [key, { brick, timestamp }] of entries)
    texts.push(`"${key}":${JSON.stringify({ brick, timestamp })}`);
  return texts;
};

/** `before`, the compositors and the tiles of a manifest, as two members. */
export async function* manifestPieces(
  work: LongWork,
  manifest: ManifestAt,
  view: View,
  before: string,
): Pieces {
  const text = new PieceWriter(work, () => manifest.catchUp());
  text.add(`${before}"compositors":{`);
  yield* text.members(() => manifest.compositorGroups(view), ENTRY);
  text.add('},"tiles":{');
  yield* text.members(() => manifest.tileGroups(view), ENTRY);
  text.add('}}\n');
  yield text.rest();
}

/** The tiles of a view alone, without their owners. */
export async function* tilePieces(work: LongWork, manifest: ManifestAt, view: View): Pieces {
  const text = new PieceWriter(work, () => manifest.catchUp());
  text.add('{');
  yield* text.members(() => manifest.tileGroups(view), OWN_TILE);
  text.add('}\n');
  yield text.rest();
}

/** A patch that nobody changes any more, between `before` and `after`. */
export async function* patchPieces(
  work: LongWork,
  patch: { readonly compositors: ReadonlyMap<string, unknown>; readonly tiles: ReadonlyMap<string, unknown> },
  before: string,
  after: string,
): Pieces {
  const text = new PieceWriter(work, () => [].values());
  text.add(`${before}"compositors":{`);
  yield* text.members(() => groupsOf(patch.compositors, 8), ENTRY);
  text.add('},"tiles":{');
  yield* text.members(() => groupsOf(patch.tiles, 1000), ENTRY);
  text.add(`}${after}`);
  yield text.rest();
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
  readonly #work: LongWork;
  readonly #catchUp: () => Iterator<unknown>;
  #text = '';
  #isOver: SliceIsOver = () => true;

  /** `catchUp`: the steps to take after others may have run, before anything is read. */
  constructor(work: LongWork, catchUp: () => Iterator<unknown>) {
    this.#work = work;
    this.#catchUp = catchUp;
  }

  add(text: string): void {
    this.#text += text;
  }

  async *members<T>(groups: () => Iterable<Iterable<readonly [string, T]>>, encode: Members<T>): Pieces {
    let separator = '';
    await this.#prepare();
    // Begun only now: the first group is chosen from what is there then.
    for (const group of groups()) {
      const members = encode(group);
      if (members.length > 0) {
        this.#text += separator + members.join(',');
        separator = ',';
      }
      // Whoever takes the piece may be slow: when it comes back, its slice is over.
      if (this.#text.length >= PIECE) {
        yield this.rest();
        this.#isOver = () => true;
      }
      await this.#prepare();
    }
  }

  rest(): Buffer {
    const piece = Buffer.from(this.#text);
    this.#text = '';
    return piece;
  }

  /** Waits for a slice if there is none, and takes up what happened meanwhile. */
  async #prepare(): Promise<void> {
    if (this.#isOver()) this.#isOver = await this.#work.slice();
    const steps = this.#catchUp();
    while (steps.next().done !== true) if (this.#isOver()) this.#isOver = await this.#work.slice();
  }
}
