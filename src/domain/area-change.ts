import { FIELDS, type AreaNode, type Leaf } from './area-node.ts';
import { NOBODY, type CellChange } from './area-sums.ts';

/** The changes in each quarter of a node. */
export function byQuarter(
  node: AreaNode,
  changes: readonly CellChange[],
): readonly (readonly CellChange[])[] {
  const quarters: CellChange[][] = [[], [], [], []];
  for (const change of changes) quarters[node.quarterOf(change.x, change.y)]!.push(change);
  return quarters;
}

/** The quarter in which all changes lie; undefined when they lie in several. */
export function onlyQuarterOf(node: AreaNode, changes: readonly CellChange[]): number | undefined {
  const first = node.quarterOf(changes[0]!.x, changes[0]!.y);
  for (const { x, y } of changes) if (node.quarterOf(x, y) !== first) return undefined;
  return first;
}

/** Changes the tiles of a leaf, in which those of before must be. */
export function changeLeaf(leaf: Leaf, changes: readonly CellChange[]): void {
  for (const { x, y, before, after, afterAt } of changes) {
    if (before === NOBODY) continue;
    const at = placeOf(leaf, x, y, before);
    if (after === NOBODY) {
      const last = leaf.length - FIELDS;
      for (let i = 0; i < FIELDS; i++) leaf[at + i] = leaf[last + i]!;
      leaf.length = last;
    } else {
      leaf[at + 2] = after;
      leaf[at + 3] = afterAt;
    }
  }
  // Only now: what is new is not looked at.
  for (const { x, y, before, after, afterAt } of changes)
    if (before === NOBODY && after !== NOBODY) leaf.push(x, y, after, afterAt);
}

function placeOf(leaf: Leaf, x: number, y: number, owner: number): number {
  for (let at = 0; at < leaf.length; at += FIELDS)
    if (leaf[at] === x && leaf[at + 1] === y && leaf[at + 2] === owner) return at;
  throw new Error(`the tile of ${x},${y} is not among the areas`);
}
