import type { Commit } from '../../domain/commit.ts';
import { ViewIndex } from '../../domain/view-index.ts';
import { viewText, type View } from '../../domain/view.ts';
import type { Overview } from '../manifest/overview.ts';
import { ViewGroup } from './view-group.ts';

/** Who reads what: one group per view that has readers. `R`: the readers. */
export class ViewGroups<R> {
  readonly #overview: Overview;
  readonly #areasLost: (group: ViewGroup) => void;
  /** By the view's text. */
  readonly #groups = new Map<string, ViewGroup>();
  readonly #index = new ViewIndex<ViewGroup>();
  readonly #readersOf = new Map<object, Set<R>>();
  readonly #nobody: ReadonlySet<R> = new Set();

  /** `areasLost`: called when the areas that a group shows are no longer known. */
  constructor(overview: Overview, areasLost: (group: ViewGroup) => void) {
    this.#overview = overview;
    this.#areasLost = areasLost;
  }

  all(): Iterable<ViewGroup> {
    return this.#groups.values();
  }

  /** The readers of a group now; none when it has none left. */
  readersOf(group: object): ReadonlySet<R> {
    return this.#readersOf.get(group) ?? this.#nobody;
  }

  /** The groups that a commit touches, and perhaps a few more. */
  touchedBy(commit: Commit): Iterable<ViewGroup> {
    return this.#index.touchedBy(commit);
  }

  /** The group of a view; its caller puts a reader into it. */
  of(view: View): ViewGroup {
    const key = viewText(view);
    let group = this.#groups.get(key);
    if (!group) {
      group = new ViewGroup(view, this.#overview, this.#areasLost);
      this.#groups.set(key, group);
      this.#index.add(group);
      this.#readersOf.set(group, new Set());
    }
    return group;
  }

  join(reader: R, group: ViewGroup): void {
    this.#readersOf.get(group)!.add(reader);
  }

  /** Returns true when the reader was the last one: the group is no more. */
  leave(reader: R, group: ViewGroup): boolean {
    const readers = this.#readersOf.get(group)!;
    readers.delete(reader);
    if (readers.size > 0) return false;
    this.#readersOf.delete(group);
    this.#index.delete(group);
    this.#groups.delete(viewText(group.view));
    group.close();
    return true;
  }
}
