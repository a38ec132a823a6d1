import type { Commit } from './commit.ts';
import { addTile, removeTile, type Digest } from './digest.ts';
import type { LiveManifest } from './live-manifest.ts';
import { isWhole, viewHasTile, type View } from './view.ts';

/** Tiles that are looked at to find a digest: some milliseconds. A view with more at its edges has none. */
const LOOKED_AT = 10_000;
/** A commit of more entries costs more than the digest of most views. */
const LARGE_COMMIT = 1000;

/** The digest of what a view shows. It is found when somebody needs it first, and then kept as commits come. */
export class ViewDigest {
  readonly #view: View;
  /** Null: it is not known. */
  #digest: Digest | null = null;

  constructor(view: View) {
    this.#view = view;
  }

  /** The digest of `manifest`, which has every commit that was taken; undefined when to find it takes too long, and for an overview. */
  of(manifest: LiveManifest): Digest | undefined {
    if (isWhole(this.#view)) return manifest.digest;
    if (this.#view.zoom !== undefined) return undefined;
    this.#digest ??= manifest.digestIn(this.#view, LOOKED_AT) ?? null;
    return this.#digest ?? undefined;
  }

  /** A commit was applied that may change what the view shows. */
  take({ patch, undo, withdraws }: Commit): void {
    if (this.#digest === null) return;
    if (withdraws !== undefined || patch.tiles.size > LARGE_COMMIT) return this.forget();
    for (const [key, tile] of patch.tiles) {
      const before = undo.tiles.get(key);
      if (before && viewHasTile(this.#view, key, before))
        this.#digest = removeTile(this.#digest, key, before);
      if (tile && viewHasTile(this.#view, key, tile)) this.#digest = addTile(this.#digest, key, tile);
    }
  }

  /** The manifest was replaced. */
  forget(): void {
    this.#digest = null;
  }
}
