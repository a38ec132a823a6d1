import type { ManifestCopy } from '../manifest/manifest-copy.ts';

/** Above so many changes at once it is quicker to sort anew. */
const FEW = 100;

/** The ids of all compositors in order, kept as they come and go: a page of the list costs what it shows, not a sort. */
export class SortedIds {
  readonly #copy: ManifestCopy;
  /** Undefined: to be sorted when they are asked for. */
  #ids: string[] | undefined;

  /** Follows `copy` for as long as that lives. */
  constructor(copy: ManifestCopy) {
    this.#copy = copy;
    const forget = () => (this.#ids = undefined);
    copy.subscribe({
      committed: ({ patch }) => this.#update([...patch.compositors.keys()]),
      loaded: forget,
      reloaded: forget,
    });
  }

  /** Those after `id`, which need not be there. */
  *after(id: string): Generator<string, void, undefined> {
    const ids = (this.#ids ??= [...this.#copy.manifest.compositors()].map(([each]) => each).sort());
    for (let at = placeAfter(ids, id); at < ids.length; at++) yield ids[at]!;
  }

  #update(changed: readonly string[]): void {
    if (!this.#ids) return;
    if (changed.length > FEW) this.#ids = undefined;
    else for (const id of changed) this.#updateOne(this.#ids, id);
  }

  #updateOne(ids: string[], id: string): void {
    const end = placeAfter(ids, id);
    const isListed = ids[end - 1] === id;
    const isThere = this.#copy.manifest.compositor(id) !== undefined;
    if (isThere && !isListed) ids.splice(end, 0, id);
    else if (!isThere && isListed) ids.splice(end - 1, 1);
  }
}

/** The index of the first one after `id`. */
function placeAfter(ids: readonly string[], id: string): number {
  let [low, high] = [0, ids.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ids[middle]! <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
