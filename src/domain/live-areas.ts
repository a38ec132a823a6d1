import { AreaTree, type Areas } from './area-tree.ts';
import type { Commit } from './commit.ts';
import type { LiveManifest } from './live-manifest.ts';
import { emptyPatch } from './patch.ts';
import { squareOf, SQUARE_LEVEL } from './square.ts';
import { cellOf } from './tile.ts';

/** The areas of a live manifest: read from it square by square, and kept from the first square on as commits are applied to it. */
export class LiveAreas {
  readonly #tree = new AreaTree();
  readonly #manifest: LiveManifest;
  /** The squares that are not read yet; undefined before the first step. */
  #unread: Set<number> | undefined;
  #abandoned = false;

  constructor(manifest: LiveManifest) {
    this.#manifest = manifest;
  }

  /** Undefined until every square is read. */
  get areas(): Areas | undefined {
    return this.#unread?.size === 0 ? this.#tree : undefined;
  }

  /** Nobody wants them any more: the steps under way are the last. */
  abandon(): void {
    this.#abandoned = true;
  }

  /** Reads the manifest, in steps between which commits may be applied. */
  *read(): Generator<void, void, undefined> {
    this.#unread = new Set(this.#manifest.squaresIn({}));
    for (const square of this.#unread) {
      this.#tree.add(this.#manifest.visibleIn(square, {}), SQUARE_LEVEL);
      this.#unread.delete(square);
      yield;
      if (this.#abandoned) return;
    }
  }

  /** Takes up a commit that was just applied to the manifest. */
  commit({ patch, undo, withdraws }: Commit): void {
    if (withdraws !== undefined) this.#tree.withdraw(withdraws);
    else if (this.#unread?.size === 0) this.#tree.apply(patch, undo);
    else if (this.#unread) this.#tree.apply({ tiles: this.#read(patch.tiles, this.#unread) }, undo);
  }

  /** See {@link AreaTree.sweep}: after a commit that withdraws. */
  sweep(): Generator<void, void, undefined> {
    return this.#tree.sweep();
  }

  /** What changes in squares that were read: the others are read as they are by then. */
  #read(tiles: Commit['patch']['tiles'], unread: ReadonlySet<number>): Commit['patch']['tiles'] {
    const part = emptyPatch().tiles;
    for (const [key, tile] of tiles) if (!unread.has(squareOf(cellOf(key)))) part.set(key, tile);
    return part;
  }
}
