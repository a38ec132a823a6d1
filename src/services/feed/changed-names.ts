import type { LiveManifest } from '../../domain/live-manifest.ts';
import type { VisiblePatch } from '../../domain/overview.ts';
import { cellOf } from '../../domain/tile.ts';
import { rectHas, viewHasCompositor, type View } from '../../domain/view.ts';
import { mapOf, PatchEncoder } from './event.ts';
import type { ViewGroup } from './view-group.ts';

/** The names of entries whose present values a reader has still to be sent. */
export class ChangedNames {
  #names = new Set<string>();
  /** Goes through the names across several parts; names that are added meanwhile come last. */
  #next: Iterator<string, undefined> | undefined;

  get size(): number {
    return this.#names.size;
  }

  add(patch: VisiblePatch): void {
    for (const entries of [patch.compositors, patch.regions, patch.tiles])
      for (const name of entries.keys()) this.#names.add(name);
  }

  /** Of these names, adds those that may be in `view`. */
  addWithin(view: View, patch: VisiblePatch): void {
    for (const id of patch.compositors.keys()) if (viewHasCompositor(view, id)) this.#names.add(id);
    // A name too many does no harm: what the view does not show is sent as removed.
    for (const id of patch.regions.keys()) this.#names.add(id);
    for (const key of patch.tiles.keys())
      if (!view.rect || rectHas(view.rect, cellOf(key))) this.#names.add(key);
  }

  clear(): void {
    this.#names.clear();
    this.#next = undefined;
  }

  /** Takes names out and encodes what the group shows under them now, about `bytes` together; nothing when none is left. */
  encode(bytes: number, group: ViewGroup, manifest: LiveManifest): PatchEncoder {
    const encoder = new PatchEncoder(mapOf(group.view));
    this.#next ??= this.#names.values();
    while (encoder.bytes < bytes) {
      const { value: name, done } = this.#next.next();
      if (done) {
        this.#next = undefined;
        break;
      }
      this.#names.delete(name);
      encoder.add(name, group.valueOf(name, manifest), Infinity);
    }
    return encoder;
  }
}
