import type { Compositor } from '../../src/client/client.ts';
import { button, element, nameOf } from '../page/dom.ts';
import type { Attention } from './attention.ts';
import { nameIn } from './context.ts';

/** Says on the map that only one compositor is shown, or that the camera follows one; with the way back. */
export class AttentionBar {
  readonly #root: HTMLElement;
  readonly #attention: Attention;
  readonly #compositors: () => ReadonlyMap<string, Compositor>;

  constructor(options: {
    root: HTMLElement;
    attention: Attention;
    compositors: () => ReadonlyMap<string, Compositor>;
  }) {
    this.#root = options.root;
    this.#attention = options.attention;
    this.#compositors = options.compositors;
  }

  write(): void {
    const { only, followed } = this.#attention;
    const parts: HTMLElement[] = [];
    if (only !== undefined) parts.push(this.#part('Only', only, 'Show all', () => this.#attention.showAll()));
    if (followed !== undefined)
      parts.push(this.#part('Following', followed, 'Stop', () => this.#attention.stopFollowing()));
    this.#root.hidden = parts.length === 0;
    this.#root.replaceChildren(...parts);
  }

  #part(what: string, id: string, end: string, onEnd: () => void): HTMLElement {
    const root = element('span', 'attention-part');
    root.append(what, nameOf(nameIn(this.#compositors(), id)), button('action', end, onEnd));
    return root;
  }
}
