import type { Tile } from '../../src/client/client.ts';
import type { AgeOf } from '../page/age.ts';
import { button, element } from '../page/dom.ts';
import { BrickIcon } from './brick-icon.ts';
import { CellHistory } from './cell-history.ts';
import { pastOf, type CellPast } from './cell-past.ts';
import type { DetailsContext } from './context.ts';
import { copyButton } from './copy-button.ts';
import { curlOf } from './curl.ts';
import { note, say, section, type DetailView, type Heading } from './details.ts';
import { Facts } from './facts.ts';
import { ownerButton } from './owner-button.ts';
import { Poll } from './poll.ts';
import { momentOf } from './times.ts';

/** Milliseconds between two readings of a cell that the page does not hold. */
const READ_INTERVAL = 5000;
const LONGER = 'longer than the history goes back';

/** A cell: its tile, whose it is and since when, and who had it before. */
export class TileView implements DetailView {
  readonly body = element('div');
  readonly #context: DetailsContext;
  readonly #heading: Heading;
  readonly #x: number;
  readonly #y: number;
  readonly #icon = new BrickIcon();
  readonly #facts = new Facts();
  readonly #empty = note();
  readonly #history: CellHistory;
  readonly #read: Poll<Tile | null>;
  #owner: { readonly id: string; readonly name: string; readonly root: HTMLElement } | undefined;
  /** Undefined: it is not known yet. */
  #tile: Tile | null | undefined;
  #at: string | undefined;

  constructor(context: DetailsContext, heading: Heading, { x, y }: { x: number; y: number }) {
    this.#context = context;
    this.#heading = heading;
    [this.#x, this.#y] = [x, y];
    this.#history = new CellHistory(context, this.#cell);
    this.#at = context.at();
    this.#read = new Poll({
      read: () => context.api.tile(this.#cell, context.at()),
      every: READ_INTERVAL,
      onValue: (tile) => this.#set(this.#known ?? tile),
    });
    const go = button('action', 'Go there', () => context.goTo({ x1: x, y1: y, x2: x, y2: y }));
    const actions = element('div', 'actions');
    actions.append(
      go,
      copyButton('Copy link', () => context.linkTo(x, y), context.announce),
      copyButton('Copy curl', () => curlOf(context.daemonUrl, this.#path), context.announce),
    );
    this.body.append(
      this.#empty,
      this.#facts.root,
      actions,
      section('Who had this cell when', this.#history.root),
    );
    heading.icon = this.#icon.root;
    this.#read.now();
    this.#history.read();
  }

  get #cell(): string {
    return `${this.#x},${this.#y}`;
  }

  /** Where the API says what the panel shows: who had the cell when, up to the moment shown. */
  get #path(): string {
    const { after } = this.#history;
    return `/manifest/history?cell=${this.#cell}${after === undefined ? '' : `&after=${after}`}`;
  }

  /** What the page holds of the cell; undefined: it does not hold it. */
  get #known(): Tile | null | undefined {
    const { display, scene } = this.#context;
    if (!display.holds(this.#x, this.#y)) return undefined;
    return scene.get(this.#x, this.#y)?.tile ?? null;
  }

  update(): void {
    const at = this.#context.at();
    if (at !== this.#at) {
      this.#at = at;
      this.#read.now();
      this.#history.read();
    }
    const known = this.#known;
    if (known !== undefined) this.#set(known);
    this.#write();
  }

  close(): void {
    this.#read.close();
    this.#history.close();
  }

  #set(tile: Tile | null): void {
    const before = this.#tile;
    if (before !== undefined && JSON.stringify(before) === JSON.stringify(tile)) return;
    this.#tile = tile;
    if (before !== undefined) this.#history.read();
    this.#write();
  }

  #write(): void {
    const tile = this.#tile;
    const where = `${this.#x.toLocaleString('en')}, ${this.#y.toLocaleString('en')}`;
    if (!tile) {
      this.#heading.write(tile === null ? 'Nothing here' : 'Reading …', `Cell ${where}`);
      this.#icon.clear();
    } else {
      this.#heading.write(tile.brick, `Tile at ${where}`);
      const { colour } = this.#context.palette.ownerOf(tile.compositor);
      this.#icon.show(tile.brick, tile.timestamp, colour, this.#context.loadPicture);
    }
    say(this.#empty, tile === null ? 'No compositor has a tile in this cell.' : undefined);
    this.#writeFacts(tile ?? null);
    this.#history.write();
  }

  #writeFacts(tile: Tile | null): void {
    const { ageOf } = this.#context;
    const past = tile ? pastOf(tile, this.#history.commits) : undefined;
    const [since, revision] = past ? textsOf(past, ageOf) : [];
    this.#facts.set('Owner', tile ? this.#ownerOf(tile.compositor) : undefined);
    this.#facts.set('Owned since', since, 'Since when its owner has had this cell, without a break');
    const dated = tile ? momentOf(tile.timestamp * 1000, ageOf) : undefined;
    this.#facts.set(
      'Tile dated',
      dated,
      'The timestamp that its owner gave the tile, by the clock of the owner',
    );
    this.#facts.set('Revision', revision);
  }

  #ownerOf(id: string): HTMLElement {
    const { name } = this.#context.palette.ownerOf(id);
    if (this.#owner?.id !== id || this.#owner.name !== name) {
      const root = ownerButton(this.#context.palette, id, () =>
        this.#context.open({ kind: 'compositor', id }),
      );
      this.#owner = { id, name, root };
    }
    return this.#owner.root;
  }
}

/** Since when the owner has had the cell, and the revision that set its tile. */
function textsOf(past: CellPast, ageOf: AgeOf): [since: string, revision: string] {
  if (past.kind === 'unknown') return ['…', '…'];
  if (past.kind === 'older') return [LONGER, 'before the history begins'];
  const { ownedSince, setBy } = past;
  const since = ownedSince ? momentOf(Date.parse(ownedSince.committedAt), ageOf) : LONGER;
  return [since, `r${setBy.revision.toLocaleString('en')}`];
}
