import { reasonOf, type Commit } from '../page/api.ts';
import { element, plural, write } from '../page/dom.ts';
import { commitButton, replaceRows } from './commit-rows.ts';
import { commitsUpTo } from './commits-up-to.ts';
import type { DetailsContext } from './context.ts';
import type { CommitPage } from './details-api.ts';
import { Poll } from './poll.ts';
import { timeOf } from './times.ts';

const MAX_ROWS = 8;
const READ_INTERVAL = 5000;

/** The last commits of a compositor, newest first. */
export class CommitList {
  readonly root = element('div');
  readonly #context: DetailsContext;
  readonly #list = element('ol', 'commits');
  readonly #note = element('p', 'details-note');
  readonly #poll: Poll<CommitPage<Commit>>;
  readonly #id: string;
  #written = '';
  #ages: { readonly element: HTMLElement; readonly at: number }[] = [];

  constructor(context: DetailsContext, id: string) {
    this.#context = context;
    this.#id = id;
    this.root.append(this.#list, this.#note);
    this.#poll = new Poll({
      read: () => commitsUpTo(context.at(), (before) => context.api.commitsOf(id, before)),
      every: READ_INTERVAL,
      onValue: ({ items }) => this.#show(items),
      onError: (error) => write(this.#note, `The history cannot be read: ${reasonOf(error)}`),
    });
  }

  /** Reads it anew. */
  read(): void {
    this.#poll.now();
  }

  close(): void {
    this.#poll.close();
  }

  /** Ages go on. */
  write(): void {
    for (const { element, at } of this.#ages) write(element, this.#context.ageOf(at));
  }

  #show(commits: readonly Commit[]): void {
    const rows = commits.slice(0, MAX_ROWS);
    const key = JSON.stringify([rows, this.#context.at()]);
    if (key === this.#written) return;
    this.#written = key;
    this.#ages = [];
    replaceRows(
      this.#list,
      rows.map((commit) => this.#row(commit)),
    );
    write(this.#note, commits.length === 0 ? 'None, as far as the history goes back.' : '');
    this.#note.hidden = commits.length > 0;
    this.write();
  }

  #row(commit: Commit): HTMLElement {
    const root = element('li', 'commit');
    const when = element('time', 'commit-when');
    when.dateTime = commit.committedAt;
    const at = Date.parse(commit.committedAt);
    when.title = timeOf(at);
    this.#ages.push({ element: when, at });
    const go = commitButton(commit, {
      content: `r${commit.revision.toLocaleString('en')} · ${changesText(commit)}`,
      at: this.#context.at(),
      onGo: () => void this.#go(commit),
    });
    root.append(go, when);
    return root;
  }

  /** To the moment, and to what of this compositor changed then. */
  async #go(commit: Commit): Promise<void> {
    const { api, travel } = this.#context;
    // Without an answer the moment is shown where the map is.
    const where = commit.tiles > 0 && (await api.changedBy(this.#id, commit).catch(() => undefined));
    travel(commit.cursor, where || undefined);
  }
}

function changesText({ tiles, compositors, regions = 0 }: Commit): string {
  const parts = [
    ...(tiles > 0 ? [plural(tiles, 'tile')] : []),
    ...(compositors > 0 ? ['its entry'] : []),
    ...(regions > 0 ? [plural(regions, 'region')] : []),
  ];
  return parts.join(', ') || 'nothing';
}
