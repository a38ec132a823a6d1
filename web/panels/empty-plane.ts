import { element } from '../page/dom.ts';
import { copyButton } from './copy-button.ts';
import { firstTileOf } from './curl.ts';

export interface EmptyPlaneOptions {
  readonly root: HTMLElement;
  /** Where the daemon is, with its base path. */
  readonly url: string;
  readonly announce: (text: string) => void;
}

/** What an empty plane says: what to type to put something on it. */
export class EmptyPlane {
  readonly #options: EmptyPlaneOptions;

  constructor(options: EmptyPlaneOptions) {
    this.#options = options;
  }

  show(): void {
    const { root, announce } = this.#options;
    if (!root.hidden) return;
    root.replaceChildren(...this.#content());
    root.hidden = false;
    announce('The plane is empty.');
  }

  hide(): void {
    this.#options.root.hidden = true;
  }

  #content(): HTMLElement[] {
    const { url, announce } = this.#options;
    const command = firstTileOf(url);
    const code = element('pre');
    code.tabIndex = 0;
    code.setAttribute('aria-label', 'Commands that put the first tile on the plane');
    code.append(element('code', '', command));
    const docs = element('a', '', 'Every operation is in the docs');
    docs.href = `${url}/docs`;
    const demo = element('p');
    demo.append('Or start the daemon with something to see: ', element('code', '', 'npm start -- --demo'));
    const more = element('p');
    more.append(docs, '.');
    const actions = element('div', 'actions');
    actions.append(copyButton('Copy', () => command, announce));
    const title = element('h2', '', 'The plane is empty');
    title.id = 'empty-title';
    return [
      title,
      element('p', '', 'Paste this into a terminal. The first tile shows here at once.'),
      code,
      actions,
      demo,
      more,
    ];
  }
}
