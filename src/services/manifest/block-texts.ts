import type { TileBlock } from '../../domain/tile-block.ts';
import type { Tile } from '../../domain/tile.ts';
import type { Rect } from '../../domain/view.ts';
import { TextPiece } from './text-piece.ts';
import type { EncodeTile } from './tile-text.ts';

/** Characters of a piece, at most: four of them fit in one part of a snapshot. */
const PIECE = 15_800;
/** A block of fewer tiles is encoded whenever it is read: to keep its text would take more than the text. */
const FEW = 16;
/** What an entry takes beside its texts, and each of its pieces, about. */
const ENTRY_BYTES = 512;
const PIECE_BYTES = 256;

interface Entry {
  /** Of the block when it was encoded. */
  readonly version: number;
  readonly pieces: readonly TextPiece[];
  bytes: number;
}

/**
 * The JSON of blocks, and what compression makes of it: each is made when somebody asks for it, and kept until the block changes. So all who
 * read a part of the map share it. Beyond the budget those that nobody asked for lately are dropped.
 */
export class BlockTexts {
  readonly #encode: EncodeTile;
  readonly #budget: number;
  /** Those asked for last are last. */
  readonly #entries = new Map<TileBlock, Entry>();
  #bytes = 0;

  /** `budget`: bytes of all texts, plain and compressed. */
  constructor(options: { encode: EncodeTile; budget: number }) {
    this.#encode = options.encode;
    this.#budget = options.budget;
  }

  /** Bytes of the texts that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The tiles of a block as members of a JSON object, each after a comma: a short text, or pieces that nobody may change. */
  of(block: TileBlock): string | readonly TextPiece[] {
    if (block.size < FEW) return this.encode(block.entries());
    const known = this.#entries.get(block);
    if (known) this.#drop(block, known);
    const entry = known?.version === block.version ? known : this.#make(block);
    this.#entries.set(block, entry);
    this.#bytes += entry.bytes;
    this.#keepBudget();
    return entry.pieces;
  }

  /** The same of tiles that are no whole block. */
  encode(tiles: Iterable<readonly [key: string, tile: Tile]>): string {
    let text = '';
    for (const [key, tile] of tiles) text += this.#encode(key, tile);
    return text;
  }

  /** The same of the tiles inside `rect`, in texts that are not kept. */
  *membersOf(block: TileBlock, rect?: Rect): Generator<string, void, undefined> {
    let text = '';
    for (const [key, tile] of block.entries(rect)) {
      const member = this.#encode(key, tile);
      if (text !== '' && text.length + member.length > PIECE) {
        yield text;
        text = '';
      }
      text += member;
    }
    if (text !== '') yield text;
  }

  /** Nobody asks for these blocks any more. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #make(block: TileBlock): Entry {
    const pieces: TextPiece[] = [];
    const entry: Entry = { version: block.version, pieces, bytes: ENTRY_BYTES };
    const grew = (bytes: number) => this.#grow(block, entry, bytes);
    const push = (text: string) => {
      const piece = new TextPiece(Buffer.from(text), grew);
      entry.bytes += PIECE_BYTES + piece.plain.length;
      pieces.push(piece);
    };
    for (const text of this.membersOf(block)) push(text);
    return entry;
  }

  /** One of its pieces has a compressed text now; whoever wanted it may hold the piece after it was dropped here. */
  #grow(block: TileBlock, entry: Entry, bytes: number): void {
    if (this.#entries.get(block) !== entry) return;
    entry.bytes += bytes;
    this.#bytes += bytes;
    this.#keepBudget();
  }

  #keepBudget(): void {
    for (const [oldest, entry] of this.#entries) {
      if (this.#bytes <= this.#budget) break;
      this.#drop(oldest, entry);
    }
  }

  #drop(block: TileBlock, { bytes }: Entry): void {
    this.#entries.delete(block);
    this.#bytes -= bytes;
  }
}
