import { TileSums, type Area } from './area.ts';
import type { Areas } from './area-tree.ts';
import type { ManifestAt } from './manifest-at.ts';
import { columnOf, rowOf, SQUARE_LEVEL } from './square.ts';
import { STEP } from './steps.ts';
import { cellOf, type Cell } from './tile.ts';
import { rectsTouch, type Rect, type View } from './view.ts';

/**
 * The areas that a view with a zoom showed of a past manifest. `areas` are those of now: where no tile has changed since, they are
 * the same. Elsewhere they are summed up from the tiles of then, so the cost is that of the places that changed. Between two
 * steps commits may be applied, as long as `areas` follow them. It ends when there are more than `most`.
 */
export function* pastAreas(
  past: ManifestAt,
  areas: Areas,
  view: View,
  most: number,
): Generator<void, Map<string, Area>, undefined> {
  const { zoom = 0 } = view;
  const found = new Map<string, Area>();
  const changed = new ChangedSquares(past, Math.max(zoom, SQUARE_LEVEL));
  for (const present = areas.areasIn(view); ;) {
    yield* changed.catchUp();
    const step = present.next();
    if (step.done === true) break;
    if (step.value && !changed.holdArea(step.value[0], zoom)) found.set(...step.value);
    if (found.size > most) return found;
    yield;
  }
  for (let i = 0; ; i++) {
    yield* changed.catchUp();
    const square = changed.at(i);
    if (!square) return found;
    if (view.rect && !rectsTouch(square, view.rect)) continue;
    const sums = new TileSums(zoom);
    for (const group of past.tileGroups({ ...view, rect: overlap(square, view.rect) })) {
      for (const block of group.blocks) sums.add(block.entries());
      sums.add(group.tiles);
      yield;
      yield* past.catchUp();
    }
    for (const entry of sums.areas()) found.set(...entry);
    if (found.size > most) return found;
  }
}

/** The squares of 2^level x 2^level cells in which tiles have changed since. */
class ChangedSquares {
  readonly #past: ManifestAt;
  readonly #level: number;
  readonly #names = new Set<string>();
  readonly #inOrder: Cell[] = [];
  #taken = 0;

  constructor(past: ManifestAt, level: number) {
    this.#past = past;
    this.#level = level;
  }

  /** At its end it knows all that were changed so far. */
  *catchUp(): Generator<void, void, undefined> {
    for (;;) {
      yield* this.#past.catchUp();
      if (this.#take()) return;
      yield;
    }
  }

  /** The cells of one of them, in the order in which they were taken up. Undefined: there are no more so far. */
  at(index: number): Rect | undefined {
    const square = this.#inOrder[index];
    if (!square) return undefined;
    const side = 2 ** this.#level;
    const [x1, y1] = [square.x * side, square.y * side];
    return { x1, y1, x2: x1 + side - 1, y2: y1 + side - 1 };
  }

  /** Whether an area of this zoom lies in one of them. */
  holdArea(name: string, zoom: number): boolean {
    const { x, y } = cellOf(name);
    const up = this.#level - zoom;
    return this.#names.has(`${x >> up},${y >> up}`);
  }

  /** Takes up a step of them. Returns whether none is left. */
  #take(): boolean {
    const { changedSquares } = this.#past;
    const end = Math.min(changedSquares.length, this.#taken + STEP);
    const up = this.#level - SQUARE_LEVEL;
    for (; this.#taken < end; this.#taken++) {
      const square = changedSquares[this.#taken]!;
      const cell = { x: columnOf(square) >> up, y: rowOf(square) >> up };
      const name = `${cell.x},${cell.y}`;
      if (this.#names.has(name)) continue;
      this.#names.add(name);
      this.#inOrder.push(cell);
    }
    return end === changedSquares.length;
  }
}

/** Of two that touch; of one alone itself. */
function overlap(a: Rect, b: Rect = a): Rect {
  return {
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  };
}
