import { areaOf, type Area } from './area.ts';
import { byQuarter, changeLeaf, onlyQuarterOf } from './area-change.ts';
import { FIELDS, AreaNode, isTooLarge, keptOf, type Leaf } from './area-node.ts';
import { AreaOwners } from './area-owners.ts';
import { AreaShares } from './area-shares.ts';
import { addedUp, NOBODY, sumsOf, type AreaSums, type CellChange } from './area-sums.ts';
import type { Patch } from './patch.ts';
import { cellOf, INT32_MIN, type Cell, type Tile } from './tile.ts';
import type { Rect, View } from './view.ts';

/** Of the node that is the whole plane. */
const TOP = 32;

/** A part of the plane that is still to be read. */
interface Square {
  readonly there: AreaNode | Leaf;
  /** Its upper left cell. */
  readonly first: Cell;
  readonly level: number;
}

/** Who knows the areas of the present map. `view` has a zoom, and a rectangle of whole areas if any. */
export interface Areas {
  area(name: string, view: View): Area | undefined;
  /** See {@link AreaTree.areasIn}. */
  areasIn(view: View): Generator<readonly [string, Area] | undefined, void, undefined>;
}

/**
 * The areas of all zooms, kept as tiles change: a quadtree over the cells. Where many tiles are, its nodes hold sums; where few
 * are, the tiles themselves, so that tiles which lie far from each other cost no node for each zoom.
 */
export class AreaTree implements Areas {
  readonly #top = new AreaNode(TOP);
  readonly #owners = new AreaOwners();
  readonly #nameOf = (owner: number) => this.#owners.nameOf(owner);
  readonly #isSeen = (owner: number) => this.#owners.nameOf(owner) !== undefined;

  /** Adds tiles that lie in one square of 2^level x 2^level cells. None of their cells has one. */
  add(tiles: Iterable<readonly [string, Tile]>, level: number): void {
    const leaf: Leaf = [];
    for (const [key, { compositor, timestamp }] of tiles) {
      const { x, y } = cellOf(key);
      leaf.push(x, y, this.#owners.addTile(compositor), timestamp);
    }
    if (leaf.length > 0) this.#add(this.#top, leaf, sharesOf(leaf), level);
  }

  /** Takes up a patch that was applied to the map; `undo` is its inverse. */
  apply({ tiles }: Pick<Patch, 'tiles'>, undo: Pick<Patch, 'tiles'>): void {
    const changes: CellChange[] = [];
    for (const [key, after] of tiles) {
      const before = undo.tiles.get(key) ?? null;
      if (before || after) changes.push(this.#changeOf(cellOf(key), before, after));
    }
    if (changes.length > 0) this.#change(this.#top, changes);
  }

  /** All tiles of `compositor` are gone at once; {@link sweep} makes room. */
  withdraw(compositor: string): void {
    this.#owners.withdraw(compositor);
  }

  /** Removes what was withdrawn, in steps between which others may run. */
  sweep(): Generator<void, void, undefined> {
    return this.#sweep(this.#top);
  }

  area(name: string, view: View): Area | undefined {
    const { zoom = 0, compositors } = view;
    const { x: ax, y: ay } = cellOf(name);
    const [x, y] = [ax * 2 ** zoom, ay * 2 ** zoom];
    let here: AreaNode | Leaf | undefined = this.#top;
    while (here instanceof AreaNode && here.level > zoom) here = here.quarters[here.quarterOf(x, y)];
    if (here instanceof AreaNode) return this.#areaOf(here.shares!, compositors);
    if (!here) return undefined;
    const shares = new AreaShares();
    for (let at = 0; at < here.length; at += FIELDS)
      if (here[at]! >> zoom === ax && here[at + 1]! >> zoom === ay)
        shares.add(here[at + 2]!, 1, here[at + 3]!);
    return this.#areaOf(shares, compositors);
  }

  /**
   * The areas of a view, each read when it is reached, and undefined after each few that were looked at in vain. When tiles
   * change meanwhile, an area that does not change comes nevertheless.
   */
  *areasIn(view: View): Generator<readonly [string, Area] | undefined, void, undefined> {
    const { zoom = 0, rect } = view;
    const waiting: Square[] = [{ there: this.#top, first: { x: INT32_MIN, y: INT32_MIN }, level: TOP }];
    for (let square = waiting.pop(); square; square = waiting.pop()) {
      const { there, first, level } = square;
      if (rect && !touches(rect, first, 2 ** level)) continue;
      if (!(there instanceof AreaNode)) {
        yield* this.#areasOfLeaf(there, view);
      } else if (level === zoom) {
        const area = this.#areaOf(there.shares!, view.compositors);
        yield area && [`${first.x / 2 ** zoom},${first.y / 2 ** zoom}`, area];
      } else {
        for (let i = 3; i >= 0; i--) {
          const quarter = there.quarters[i];
          if (quarter) waiting.push({ there: quarter, first: there.cornerOf(i, first), level: level - 1 });
        }
      }
    }
  }

  *#areasOfLeaf(leaf: Leaf, { zoom = 0, rect, compositors }: View) {
    const areas = new Map<string, AreaShares>();
    for (let at = 0; at < leaf.length; at += FIELDS) {
      const [x, y] = [leaf[at]!, leaf[at + 1]!];
      if (rect && !touches(rect, { x, y }, 1)) continue;
      const name = `${x >> zoom},${y >> zoom}`;
      let shares = areas.get(name);
      if (!shares) areas.set(name, (shares = new AreaShares()));
      shares.add(leaf[at + 2]!, 1, leaf[at + 3]!);
    }
    yield undefined;
    for (const [name, shares] of areas) {
      const area = this.#areaOf(shares, compositors);
      if (area) yield [name, area] as const;
    }
  }

  #areaOf(shares: AreaShares, compositors: ReadonlySet<string> | undefined): Area | undefined {
    const all = shares.named(this.#nameOf);
    return areaOf(compositors ? all.filter(({ owner }) => compositors.has(owner)) : all);
  }

  #add(node: AreaNode, leaf: Leaf, shares: AreaShares, level: number): void {
    node.size += leaf.length / FIELDS;
    node.shares?.addAll(shares);
    if (node.level > level) {
      this.#addTo(node, node.quarterOf(leaf[0]!, leaf[1]!), leaf, shares, level);
      return;
    }
    const quarters: Leaf[] = [[], [], [], []];
    for (let at = 0; at < leaf.length; at += FIELDS) {
      const quarter = quarters[node.quarterOf(leaf[at]!, leaf[at + 1]!)]!;
      quarter.push(leaf[at]!, leaf[at + 1]!, leaf[at + 2]!, leaf[at + 3]!);
    }
    for (let i = 0; i < 4; i++) {
      const quarter = quarters[i]!;
      if (quarter.length > 0) this.#addTo(node, i, quarter, sharesOf(quarter), node.level - 1);
    }
  }

  #addTo(node: AreaNode, i: number, leaf: Leaf, shares: AreaShares, level: number): void {
    const there = node.quarters[i];
    if (there instanceof AreaNode) {
      this.#add(there, leaf, shares, level);
      return;
    }
    node.quarters[i] = there ? there.concat(leaf) : leaf;
    this.#divideIfLarge(node, i);
  }

  #divideIfLarge(node: AreaNode, i: number): void {
    const leaf = node.quarters[i] as Leaf;
    if (!isTooLarge(leaf, node.level)) return;
    const seen = keptOf(leaf, this.#isSeen);
    if (!isTooLarge(seen, node.level)) {
      node.quarters[i] = seen;
      return;
    }
    const divided = new AreaNode(node.level - 1);
    this.#add(divided, seen, sharesOf(seen), divided.level);
    node.quarters[i] = divided;
  }

  #changeOf({ x, y }: Cell, before: Tile | null, after: Tile | null): CellChange {
    return {
      x,
      y,
      // First: an owner that has nothing for a moment would get another number.
      after: after ? this.#owners.addTile(after.compositor) : NOBODY,
      afterAt: after?.timestamp ?? 0,
      before: before ? this.#owners.removeTile(before.compositor) : NOBODY,
      beforeAt: before?.timestamp ?? 0,
    };
  }

  /** Changes cells of a node, and all sums in it: those of each node once, however many cells change. Returns what that adds up to. */
  #change(node: AreaNode, changes: readonly CellChange[]): AreaSums {
    const only = onlyQuarterOf(node, changes);
    let sums: AreaSums | undefined;
    if (only !== undefined) sums = this.#changeQuarter(node, only, changes);
    else
      for (const [i, inQuarter] of byQuarter(node, changes).entries()) {
        if (inQuarter.length === 0) continue;
        const more = this.#changeQuarter(node, i, inQuarter);
        sums = sums ? addedUp(sums, more) : more;
      }
    node.change(sums!);
    return sums!;
  }

  #changeQuarter(node: AreaNode, i: number, changes: readonly CellChange[]): AreaSums {
    const there = node.quarters[i];
    if (there instanceof AreaNode) {
      const sums = this.#change(there, changes);
      if (there.isSmall) this.#join(node, there);
      return sums;
    }
    const leaf = (node.quarters[i] = there ?? []);
    changeLeaf(leaf, changes);
    if (leaf.length === 0) node.quarters[i] = undefined;
    else this.#divideIfLarge(node, i);
    return sumsOf(changes);
  }

  /** Makes a leaf of a node that has few tiles left. */
  #join(parent: AreaNode, small: AreaNode): void {
    const leaf = keptOf(small.collect(), this.#isSeen);
    parent.quarters[parent.quarters.indexOf(small)] = leaf.length > 0 ? leaf : undefined;
  }

  *#sweep(node: AreaNode): Generator<void, void, undefined> {
    for (let i = 0; i < 4; i++) {
      const quarter = node.quarters[i];
      if (quarter instanceof AreaNode) {
        yield* this.#sweep(quarter);
        if (quarter.isSmall && node.quarters[i] === quarter) this.#join(node, quarter);
      } else if (quarter) {
        const seen = keptOf(quarter, this.#isSeen);
        node.quarters[i] = seen.length > 0 ? seen : undefined;
        yield;
      }
    }
    node.shares?.keepOnly(this.#isSeen);
    node.size = 0;
    for (const quarter of node.quarters)
      node.size += quarter instanceof AreaNode ? quarter.size : (quarter?.length ?? 0) / FIELDS;
  }
}

function sharesOf(leaf: Leaf): AreaShares {
  const shares = new AreaShares();
  for (let at = 0; at < leaf.length; at += FIELDS) shares.add(leaf[at + 2]!, 1, leaf[at + 3]!);
  return shares;
}

/** Whether a square of `side` cells lies in `rect`, or in part. */
function touches(rect: Rect, { x, y }: Cell, side: number): boolean {
  return x <= rect.x2 && x + side > rect.x1 && y <= rect.y2 && y + side > rect.y1;
}
