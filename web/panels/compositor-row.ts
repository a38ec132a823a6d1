import type { Compositor } from '../../src/client/client.ts';
import { cssOf } from '../colours/colour.ts';
import type { Owner } from '../colours/palette.ts';
import { element, nameOf, write } from '../page/dom.ts';
import { toneOf } from './compositor-words.ts';
import type { CompositorStatistics } from './statistics.ts';
import { durationOf } from './times.ts';

/** What a row says. */
export interface RowFacts {
  readonly entry: Compositor;
  readonly owner: Owner;
  readonly statistics: CompositorStatistics | undefined;
  /** Others have its name: the id tells it from them. */
  readonly isShared: boolean;
  /** It is open in the panel. */
  readonly isOpen: boolean;
  /** The daemon's clock, ms. */
  readonly now: number;
}

/** A compositor in the list: its colour, name, tiles, state and lease. */
export class CompositorRow {
  readonly button = element('button', 'row');
  readonly #chip = element('i', 'chip');
  readonly #name = nameOf('', 'row-name');
  readonly #id = element('span', 'row-id');
  readonly #count = element('span', 'row-count');
  readonly #line = element('span', 'row-line');
  readonly #lease = element('i', 'lease');

  constructor(onPick: () => void) {
    const title = element('span', 'row-title');
    title.append(this.#name, this.#id);
    this.button.type = 'button';
    // The name of the button is what one sees, and for those who do not see it what the number counts.
    const counted = element('span', 'visually-hidden', ' tiles, ');
    this.button.append(this.#chip, title, this.#count, counted, this.#line, this.#lease);
    this.button.addEventListener('click', onPick);
  }

  write({ entry, owner, statistics, isShared, isOpen, now }: RowFacts): void {
    const { id, name, status } = entry;
    this.#chip.style.setProperty('--colour', cssOf(owner.colour));
    this.button.dataset['status'] = status;
    this.button.dataset['tone'] = toneOf(status, statistics?.isFailing);
    if (isOpen) this.button.setAttribute('aria-current', 'true');
    else this.button.removeAttribute('aria-current');
    write(this.#name, name);
    if (this.#name.title !== name) this.#name.title = name;
    write(this.#id, isShared ? ` ${id}` : '');
    write(this.#count, (statistics?.tiles ?? 0).toLocaleString('en'));
    const lease = statistics?.lease;
    // Of one that is stale the lease is over, whatever was read before.
    const left = lease && (status === 'stale' ? 0 : (lease.expiresAt - now) / 1000);
    write(this.#line, lineOf(status, left, statistics));
    const share = lease === undefined || left === undefined ? 0 : Math.min(1, Math.max(0, left / lease.ttl));
    this.#lease.style.setProperty('--share', share.toFixed(3));
  }
}

function lineOf(
  status: string,
  left: number | undefined,
  statistics: CompositorStatistics | undefined,
): string {
  const parts = [status];
  if (status === 'connected' && statistics?.isFailing === true) parts.push('with errors');
  if (left !== undefined) parts.push(left > 0 ? `lease ${durationOf(left)}` : 'lease over');
  if (statistics?.latencyMs !== undefined) parts.push(`${Math.round(statistics.latencyMs)} ms`);
  return parts.join(' · ');
}
