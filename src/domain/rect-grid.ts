import { SQUARE_LEVEL, squareAt } from './square.ts';
import type { Cell } from './tile.ts';
import { rectsTouch, type Rect } from './view.ts';

/**
 * Finds the rectangles that have one of several cells, without a look at those far away. A rectangle lies in a grid whose fields are at
 * least as large as itself, so it covers at most four of them; a cell is looked up in one field of each grid that is in use.
 */
export class RectGrid<T> {
  /** By log2 of the side of a field, then by field. */
  readonly #levels = new Map<number, Map<number, Map<T, Rect>>>();

  add(value: T, rect: Rect): void {
    const level = levelOf(rect);
    let fields = this.#levels.get(level);
    if (!fields) this.#levels.set(level, (fields = new Map<number, Map<T, Rect>>()));
    for (const field of fieldsOf(rect, level)) {
      const values = fields.get(field);
      if (values) values.set(value, rect);
      else fields.set(field, new Map([[value, rect]]));
    }
  }

  delete(value: T, rect: Rect): void {
    const level = levelOf(rect);
    const fields = this.#levels.get(level);
    if (!fields) return;
    for (const field of fieldsOf(rect, level)) {
      const values = fields.get(field);
      values?.delete(value);
      if (values?.size === 0) fields.delete(field);
    }
    if (fields.size === 0) this.#levels.delete(level);
  }

  /** All of them; one that lies in several fields comes as often. */
  *all(): Generator<T, void, undefined> {
    for (const fields of this.#levels.values()) for (const values of fields.values()) yield* values.keys();
  }

  /** Those that touch `rect`; one that lies in several fields may come as often. */
  *touching(rect: Rect): Generator<T, void, undefined> {
    for (const [level, fields] of this.#levels)
      for (const values of fieldsTouching(fields, rect, level))
        for (const [value, each] of values) if (rectsTouch(each, rect)) yield value;
  }

  /**
   * Those that have one of `cells`, and perhaps a few more: what lies in one field is looked at once, with the box around the cells that
   * lie there.
   */
  *with(cells: readonly Cell[]): Generator<T, void, undefined> {
    for (const [level, fields] of this.#levels) {
      for (const [field, box] of boxesOf(cells, level)) {
        for (const [value, rect] of fields.get(field) ?? []) if (rectsTouch(rect, box)) yield value;
      }
    }
  }
}

/** The smallest power of two that is no smaller than the longer side; not below that of a square, so that few grids are in use. */
function levelOf(rect: Rect): number {
  const side = Math.max(rect.x2 - rect.x1, rect.y2 - rect.y1) + 1;
  return Math.max(SQUARE_LEVEL, Math.ceil(Math.log2(side)));
}

function fieldOf(x: number, y: number, level: number): number {
  const side = 2 ** level;
  return squareAt(Math.floor(x / side), Math.floor(y / side));
}

function fieldsOf({ x1, y1, x2, y2 }: Rect, level: number): Set<number> {
  return new Set([
    fieldOf(x1, y1, level),
    fieldOf(x2, y1, level),
    fieldOf(x1, y2, level),
    fieldOf(x2, y2, level),
  ]);
}

/** Of the fields in which something lies, those that `rect` touches, and perhaps more: it may be as large as the plane. */
function* fieldsTouching<V>(
  fields: ReadonlyMap<number, V>,
  rect: Rect,
  level: number,
): Generator<V, void, undefined> {
  const side = 2 ** level;
  const across = (n: number) => Math.floor(n / side);
  const [x1, y1, x2, y2] = [across(rect.x1), across(rect.y1), across(rect.x2), across(rect.y2)];
  // Walks whichever is fewer, its fields or ours.
  if ((x2 - x1 + 1) * (y2 - y1 + 1) > fields.size) {
    yield* fields.values();
    return;
  }
  for (let y = y1; y <= y2; y++) {
    for (let x = x1; x <= x2; x++) {
      const values = fields.get(squareAt(x, y));
      if (values !== undefined) yield values;
    }
  }
}

/** For each field in which some of the cells lie, the smallest rectangle around those. */
function boxesOf(cells: readonly Cell[], level: number): Map<number, Rect> {
  const boxes = new Map<number, Rect>();
  for (const { x, y } of cells) {
    const field = fieldOf(x, y, level);
    const box = boxes.get(field) ?? { x1: x, y1: y, x2: x, y2: y };
    const x1 = Math.min(box.x1, x);
    const y1 = Math.min(box.y1, y);
    boxes.set(field, { x1, y1, x2: Math.max(box.x2, x), y2: Math.max(box.y2, y) });
  }
  return boxes;
}
