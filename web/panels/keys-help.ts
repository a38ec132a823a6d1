import { element } from '../page/dom.ts';
import type { Binding } from '../page/keys.ts';

/** The dialog that lists the keys. */
export class KeysHelp {
  readonly #dialog: HTMLDialogElement;
  readonly #list: HTMLElement;

  constructor(options: {
    readonly dialog: HTMLDialogElement;
    readonly list: HTMLElement;
    readonly close: HTMLElement;
  }) {
    this.#dialog = options.dialog;
    this.#list = options.list;
    options.close.addEventListener('click', () => this.#dialog.close());
  }

  show(bindings: readonly Pick<Binding, 'shown' | 'help'>[]): void {
    this.#list.replaceChildren(
      ...bindings.flatMap(({ shown, help }) => {
        const keys = element('dt');
        keys.append(...shown.map((key) => element('kbd', '', key)));
        return [keys, element('dd', '', help)];
      }),
    );
    this.#dialog.showModal();
  }
}
