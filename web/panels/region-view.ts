import type { Region } from '../../src/client/client.ts';
import { parseRectangle } from '../map/rectangle.ts';
import { button, element } from '../page/dom.ts';
import type { DetailsContext } from './context.ts';
import type { RegionDetail } from './details-api.ts';
import { note, say, section, type DetailView, type Heading } from './details.ts';
import { Facts } from './facts.ts';
import { chipOf, ownerButton } from './owner-button.ts';
import { Poll } from './poll.ts';
import { RectangleShares } from './rectangle-shares.ts';
import { SharesList } from './shares-list.ts';
import { durationOf } from './times.ts';

const LEASE_INTERVAL = 5000;

/** A rectangle that a compositor holds: for what, how long still, and whose tiles are in it. */
export class RegionView implements DetailView {
  readonly body = element('div');
  readonly #context: DetailsContext;
  readonly #heading: Heading;
  readonly #id: string;
  readonly #facts = new Facts();
  readonly #gone = note();
  readonly #list: SharesList;
  readonly #lease: Poll<RegionDetail>;
  #shares: RectangleShares | undefined;
  #expiresAt: number | undefined;
  #region: Region | undefined;

  constructor(context: DetailsContext, heading: Heading, id: string) {
    this.#context = context;
    this.#heading = heading;
    this.#id = id;
    this.#list = new SharesList(context);
    this.#lease = new Poll({
      read: () => context.api.region(id),
      every: LEASE_INTERVAL,
      onValue: ({ lease }) => (this.#expiresAt = lease && Date.parse(lease.expiresAt)),
      onError: () => (this.#expiresAt = undefined),
    });
    this.#lease.now();
    const actions = element('div', 'actions');
    actions.append(button('action', 'Go there', () => this.#go()));
    this.body.append(this.#gone, this.#facts.root, actions, section('Who is inside', this.#list.root));
  }

  update(): void {
    const { display, palette, open, now, at } = this.#context;
    const region = display.regions.get(this.#id);
    if (region && region !== this.#region) {
      this.#region = region;
      this.#heading.icon = chipOf(palette, region.compositor);
      const { compositor: id } = region;
      this.#facts.set(
        'Held by',
        ownerButton(palette, id, () => open({ kind: 'compositor', id })),
      );
      this.#shares ??= new RectangleShares(this.#context, parseRectangle(region.rect));
    }
    const known = this.#region;
    say(this.#gone, region ? undefined : known ? GONE : 'This region is not held at the moment shown.');
    this.#heading.write(known?.purpose ? known.purpose : 'Without a purpose', 'Region');
    if (!known) return;
    this.#facts.set('Others', known.exclusive ? 'may not write in it' : 'may write in it, too');
    this.#facts.set('Cells', cellsText(known.rect));
    const left = this.#expiresAt === undefined ? undefined : (this.#expiresAt - now()) / 1000;
    const isNow = region && at() === undefined && left !== undefined;
    this.#facts.set('Lease', isNow ? (left > 0 ? `${durationOf(left)} left` : 'over') : undefined);
    const shares = this.#shares?.current;
    if (shares) this.#list.write(shares);
  }

  close(): void {
    this.#lease.close();
    this.#shares?.close();
  }

  #go(): void {
    if (this.#region) this.#context.goTo(parseRectangle(this.#region.rect));
  }
}

const GONE = 'It has ended: its lease ran out, or its compositor gave it up or left.';

function cellsText(rect: string): string {
  const { x1, y1, x2, y2 } = parseRectangle(rect);
  const size = `${(x2 - x1 + 1).toLocaleString('en')} × ${(y2 - y1 + 1).toLocaleString('en')}`;
  return `${x1}, ${y1} to ${x2}, ${y2} · ${size}`;
}
