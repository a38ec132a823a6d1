import type { Tile } from '../../src/client/client.ts';
import { cellsIn, holds, type Rectangle } from '../map/rectangle.ts';
import { reasonOf } from '../page/api.ts';
import type { DetailsContext } from './context.ts';
import { Poll } from './poll.ts';
import { sharesOfAreas, sharesOfTiles, type Shares } from './shares.ts';

const READ_INTERVAL = 5000;
/** Of a rectangle of at most so many cells the tiles are read; else areas, that many at most. */
const MAX_CELLS = 4096;
const MAX_ZOOM = 16;

/** Who has how many tiles in a rectangle, at the moment shown. */
export class RectangleShares {
  readonly #context: DetailsContext;
  readonly #rect: Rectangle;
  readonly #poll: Poll<Shares>;
  #at: string | undefined;
  #read: Shares | undefined;
  error: string | undefined;

  constructor(context: DetailsContext, rect: Rectangle) {
    this.#context = context;
    this.#rect = rect;
    this.#at = context.at();
    this.#poll = new Poll({
      read: () => this.#ask(),
      every: READ_INTERVAL,
      onValue: (shares) => {
        this.#read = shares;
        this.error = undefined;
      },
      onError: (error) => (this.error = reasonOf(error)),
    });
    if (!this.isExact) this.#poll.now();
  }

  /** Undefined: not known yet. */
  get current(): Shares | undefined {
    if (this.#context.at() !== this.#at) {
      this.#at = this.#context.at();
      this.#read = undefined;
      this.#poll.now();
    }
    return this.#known ?? this.#read;
  }

  /** The page holds its tiles, or areas of just this size. */
  get isExact(): boolean {
    return this.#known !== undefined;
  }

  close(): void {
    this.#poll.close();
  }

  get #known(): Shares | undefined {
    const { display, scene } = this.#context;
    const { x1, y1, x2, y2 } = this.#rect;
    if (display.holds(x1, y1) && display.holds(x2, y2) && cellsIn(this.#rect) <= 2 ** 22)
      return sharesOfTiles(this.#tiles());
    const { areas } = scene;
    const side = 2 ** areas.zoom;
    if (areas.zoom === 0 || x2 - x1 + 1 !== side || y2 - y1 + 1 !== side) return undefined;
    const area = areas.at(x1, y1);
    return area?.x === x1 && area.y === y1 ? sharesOfAreas([area.area]) : undefined;
  }

  *#tiles(): Iterable<Tile> {
    for (const chunk of this.#context.scene.chunks(this.#rect))
      for (const { x, y, tile } of chunk.cells()) if (holds(this.#rect, x, y)) yield tile;
  }

  async #ask(): Promise<Shares> {
    const { api, at } = this.#context;
    if (cellsIn(this.#rect) <= MAX_CELLS)
      return sharesOfTiles(Object.values((await api.manifest(this.#rect, at())).tiles));
    return sharesOfAreas(await api.areas(this.#rect, zoomOf(this.#rect), at()));
  }
}

/** The finest areas of which there are not too many. */
function zoomOf(rect: Rectangle): number {
  return Math.min(MAX_ZOOM, Math.max(1, Math.ceil(Math.log2(cellsIn(rect) / MAX_CELLS) / 2)));
}
