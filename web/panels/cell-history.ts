import { reasonOf } from '../page/api.ts';
import { button, element, nameOf, plural, write } from '../page/dom.ts';
import { cellOf } from '../map/rectangle.ts';
import { commitButton, replaceRows } from './commit-rows.ts';
import { commitsUpTo } from './commits-up-to.ts';
import type { DetailsContext } from './context.ts';
import type { CellCommit, CommitPage } from './details-api.ts';
import { ownerButton } from './owner-button.ts';
import { Poll } from './poll.ts';
import { timeOf } from './times.ts';

/** Rows before `Show all`. */
const FIRST_ROWS = 8;
const READ_INTERVAL = 15_000;

/** The list of who had a cell when, newest first. */
export class CellHistory {
  readonly root = element('div');
  readonly #context: DetailsContext;
  readonly #cell: string;
  readonly #list = element('ol', 'commits');
  readonly #end = element('p', 'details-note');
  readonly #all: HTMLButtonElement;
  readonly #poll: Poll<CommitPage<CellCommit>>;
  #page: CommitPage<CellCommit> | undefined;
  #isWhole = false;
  #written = '';
  #ages: { readonly element: HTMLElement; readonly at: number }[] = [];

  constructor(context: DetailsContext, cell: string) {
    this.#context = context;
    this.#cell = cell;
    this.#all = button('action', '', () => {
      this.#isWhole = true;
      this.write();
    });
    this.root.append(this.#list, this.#all, this.#end);
    this.#poll = new Poll({
      read: () => commitsUpTo(context.at(), (before) => context.api.cellHistory(cell, before)),
      every: READ_INTERVAL,
      onValue: (page) => {
        this.#page = page;
        this.write();
      },
      onError: (error) => (this.#end.textContent = `The history cannot be read: ${reasonOf(error)}`),
    });
  }

  /** Up to the moment shown, newest first; undefined: not read yet. */
  get commits(): readonly CellCommit[] | undefined {
    return this.#page?.items;
  }

  /** The cursor before which the commits end; undefined: they end with the newest. */
  get after(): string | undefined {
    return this.#page ? this.#page.after : this.#context.at();
  }

  /** Reads it anew. */
  read(): void {
    this.#poll.now();
  }

  close(): void {
    this.#poll.close();
  }

  write(): void {
    if (!this.#page) return;
    const { items: commits } = this.#page;
    const rows = this.#isWhole ? commits : commits.slice(0, FIRST_ROWS);
    const { palette, at } = this.#context;
    const names = commits.map((commit) => palette.ownerOf(idIn(commit)).name);
    const key = JSON.stringify([rows.length, commits, names, at()]);
    if (key !== this.#written) {
      this.#written = key;
      this.#ages = [];
      replaceRows(
        this.#list,
        rows.map((commit) => this.#row(commit)),
      );
      this.#all.hidden = rows.length === commits.length;
      this.#all.textContent = `Show all ${commits.length}`;
      this.#writeEnd(this.#page);
    }
    for (const { element, at } of this.#ages) write(element, this.#context.ageOf(at));
  }

  #row(commit: CellCommit): HTMLElement {
    const { tile, committedAt, cursor, revision } = commit;
    const { at: shown, palette, travel } = this.#context;
    const root = element('li', 'commit');
    const id = idIn(commit);
    const open = () => this.#context.open({ kind: 'compositor', id });
    const [x, y] = cellOf(this.#cell);
    const go = commitButton(commit, {
      content: tile ? nameOf(tile.brick) : removedText(commit),
      at: shown(),
      onGo: () => travel(cursor, { x1: x, y1: y, x2: x, y2: y }),
    });
    go.classList.add('commit-what');
    const at = Date.parse(committedAt);
    const age = element('time', 'commit-when');
    age.dateTime = committedAt;
    age.title = `${timeOf(at)} · r${revision.toLocaleString('en')}`;
    this.#ages.push({ element: age, at });
    root.append(ownerButton(palette, id, open), age, go);
    return root;
  }

  #writeEnd({ items, next }: CommitPage<CellCommit>): void {
    const before = items.at(-1)?.before;
    if (next !== null)
      this.#end.textContent = `These are the last ${plural(items.length, 'change')}; there were more.`;
    else if (items.length === 0)
      this.#end.textContent = 'Nothing has changed here as far as the history goes back.';
    else if (!before) this.#end.textContent = 'Before that, the cell was empty.';
    else
      this.#end.replaceChildren(
        'Before that: ',
        nameOf(before.brick),
        ' of ',
        nameOf(this.#context.palette.ownerOf(before.compositor).name),
        '.',
      );
  }
}

/** Who removed the tile, unless its owner did. */
function removedText({ by, before }: CellCommit): string {
  if (by === null || by === before?.compositor) return 'removed';
  return by === 'daemon' ? 'removed by the daemon' : `removed by ${by}`;
}

/** Whose tile the commit brought or took away. */
function idIn({ tile, before }: CellCommit): string {
  return (tile ?? before)?.compositor ?? 'daemon';
}
