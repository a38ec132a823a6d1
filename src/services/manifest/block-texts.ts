import type { TileBlock } from '../../domain/tile-block.ts';
import type { Tile } from '../../domain/tile.ts';
import type { EncodeTile } from './tile-text.ts';

/** Characters of a piece, at most: four of them fit in one part of a snapshot. */
const PIECE = 15_800;
/** A block of fewer tiles is encoded whenever it is read: to keep its text would take more than the text. */
const FEW = 16;
/** What an entry takes beside its text, about. */
const ENTRY_BYTES = 512;

interface Entry {
  /** Of the block when it was encoded. */
  readonly version: number;
  readonly pieces: readonly Buffer[];
  readonly bytes: number;
}

/**
 * The JSON of blocks, made when somebody asks for it and kept until the block changes: all who read a part of the map share it. Beyond
 * the budget those that nobody asked for lately are dropped.
 */
export class BlockTexts {
  readonly #encode: EncodeTile;
  readonly #budget: number;
  /** Those asked for last are last. */
  readonly #entries = new Map<TileBlock, Entry>();
  #bytes = 0;

  /** `budget`: bytes of all texts. */
  constructor(options: { encode: EncodeTile; budget: number }) {
    this.#encode = options.encode;
    this.#budget = options.budget;
  }

  /** Bytes of the texts that are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The tiles of a block as members of a JSON object, each after a comma: a short text, or pieces that nobody may change. */
  of(block: TileBlock): string | readonly Buffer[] {
    if (block.size < FEW) return this.encode(block.entries());
    const known = this.#entries.get(block);
    if (known) this.#drop(block, known);
    const entry = known?.version === block.version ? known : this.#make(block);
    this.#entries.set(block, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#budget) break;
      this.#drop(oldest, { bytes });
    }
    return entry.pieces;
  }

  /** The same of tiles that are no whole block. */
  encode(tiles: Iterable<readonly [key: string, tile: Tile]>): string {
    let text = '';
    for (const [key, tile] of tiles) text += this.#encode(key, tile);
    return text;
  }

  /** Nobody asks for these blocks any more. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #make(block: TileBlock): Entry {
    const pieces: Buffer[] = [];
    let text = '';
    for (const [key, tile] of block.entries()) {
      const member = this.#encode(key, tile);
      if (text !== '' && text.length + member.length > PIECE) {
        pieces.push(Buffer.from(text));
        text = '';
      }
      text += member;
    }
    pieces.push(Buffer.from(text));
    const bytes = pieces.reduce((sum, { length }) => sum + length, ENTRY_BYTES);
    return { version: block.version, pieces, bytes };
  }

  #drop(block: TileBlock, { bytes }: Pick<Entry, 'bytes'>): void {
    this.#entries.delete(block);
    this.#bytes -= bytes;
  }
}
