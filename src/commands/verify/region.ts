import { formatRect, type Rect } from '../../domain/view.ts';

/** Tiles that every write sets; every second write removes one more. */
const FIXED_TILES = 6;
/** Far corners are multiples of it, so that areas of up to so many cells fill the square. */
const SIZE = 64;

/** A writer's tiles in a copy. */
export interface Block {
  /** The number of its last write; 0: no write yet; undefined: tiles of several writes. */
  readonly n: number | undefined;
  readonly torn: string;
}

type Tiles = Pick<ReadonlyMap<string, unknown>, 'get'>;

/** The square that one run of verify writes into, in a far corner of the plane: one row per compositor. */
export class Region {
  readonly #x = far();
  readonly #y = far();

  get rect(): Rect {
    return { x1: this.#x, y1: this.#y, x2: this.#x + SIZE - 1, y2: this.#y + SIZE - 1 };
  }

  /** All but the first columns: a view whose edge cuts the writers' tiles. */
  get part(): Rect {
    return { ...this.rect, x1: this.#x + 2 };
  }

  rowRect(row: number): Rect {
    return { ...this.rect, y1: this.#y + row, y2: this.#y + row };
  }

  row(row: number): string {
    return formatRect(this.rowRect(row));
  }

  key(row: number, column: number): string {
    return `${this.#x + column},${this.#y + row}`;
  }

  /** The body of write `n`: every tile carries the number, so that a part of a write can be told from all of it. */
  body(writer: string, row: number, n: number): Record<string, { brick: string } | null> {
    const brick = brickOf(writer, n);
    const tiles = Array.from({ length: FIXED_TILES }, (_, i) => [this.key(row, i), { brick }] as const);
    return { ...Object.fromEntries(tiles), [this.key(row, FIXED_TILES)]: n % 2 === 0 ? { brick } : null };
  }

  /** The writer's tiles among `tiles`; `from` is the first column in view. */
  read(tiles: Tiles, writer: string, row: number, from = 0): Block {
    const bricks = Array.from({ length: FIXED_TILES + 1 - from }, (_, i) =>
      brickIn(tiles, this.key(row, i + from)),
    );
    const n = numberIn(bricks[0], writer);
    const whole =
      n !== undefined &&
      bricks.every((brick, i) =>
        i + from < FIXED_TILES || (n % 2 === 0 && n > 0)
          ? brick === (n === 0 ? undefined : brickOf(writer, n))
          : brick === undefined,
      );
    if (whole) return { n, torn: '' };
    return { n: undefined, torn: `of ${writer} ${bricks.map((brick) => brick ?? 'nothing').join(', ')}` };
  }
}

/** Random, so that two runs at the same time are unlikely to meet. */
function far(): number {
  return 2_000_000_000 + Math.floor(Math.random() * 2_000_000) * SIZE;
}

function brickOf(writer: string, n: number): string {
  return `${writer}.${n}.png`;
}

function brickIn(tiles: Tiles, key: string): string | undefined {
  const tile = tiles.get(key) as { brick?: unknown } | undefined;
  return tile === undefined ? undefined : String(tile.brick);
}

function numberIn(brick: string | undefined, writer: string): number | undefined {
  if (brick === undefined) return 0;
  const n = Number(brick.slice(writer.length + 1, -4));
  return Number.isSafeInteger(n) && brick === brickOf(writer, n) ? n : undefined;
}
