import type { Rectangle } from '../map/rectangle.ts';
import { button, element, plural } from '../page/dom.ts';
import type { DetailsContext } from './context.ts';
import { note, say, section, type DetailView, type Heading } from './details.ts';
import { Facts } from './facts.ts';
import { RectangleShares } from './rectangle-shares.ts';
import { SharesList } from './shares-list.ts';
import { momentOf } from './times.ts';

/** A part of the plane seen from afar: how many tiles it has, whose they are, and when the newest came. */
export class AreaView implements DetailView {
  readonly body = element('div');
  readonly #context: DetailsContext;
  readonly #heading: Heading;
  readonly #rect: Rectangle;
  readonly #shares: RectangleShares;
  readonly #facts = new Facts();
  readonly #list: SharesList;
  readonly #problem = note();

  constructor(context: DetailsContext, heading: Heading, rect: Rectangle) {
    this.#context = context;
    this.#heading = heading;
    this.#rect = rect;
    this.#shares = new RectangleShares(context, rect);
    this.#list = new SharesList(context);
    const actions = element('div', 'actions');
    actions.append(button('action main', 'Zoom in', () => context.goTo(rect)));
    this.body.append(this.#problem, this.#facts.root, actions, section('Whose tiles', this.#list.root));
    heading.icon = element('i', 'area-icon');
  }

  update(): void {
    const { x1, y1, x2, y2 } = this.#rect;
    const shares = this.#shares.current;
    this.#heading.write(shares ? plural(shares.tiles, 'tile') : 'Reading …', 'Area of the plane');
    say(this.#problem, shares ? undefined : this.#shares.error);
    this.#facts.set('Cells', `${x1}, ${y1} to ${x2}, ${y2}`);
    const newest = shares?.newest;
    const { ageOf } = this.#context;
    this.#facts.set('Newest', newest === undefined ? undefined : momentOf(newest * 1000, ageOf));
    if (shares) this.#list.write(shares);
  }

  close(): void {
    this.#shares.close();
  }
}
