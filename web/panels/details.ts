import { element, nameOf, write } from '../page/dom.ts';
import type { DismissStack } from '../page/dismiss.ts';
import type { Selected, Selection } from './selection.ts';

/** Milliseconds between two updates of what is open: ages and leases go on without an event. */
const UPDATE_INTERVAL = 500;

/** What is open, in the panel. */
export interface DetailView {
  readonly body: HTMLElement;
  /** Writes what is known now into the heading and the body. */
  update(): void;
  close(): void;
}

export interface DetailsOptions {
  readonly root: HTMLElement;
  readonly selection: Selection;
  readonly dismiss: DismissStack;
  readonly viewOf: (selected: Selected, heading: Heading) => DetailView;
}

/** The heading of the panel: what it is, and what kind of thing. */
export class Heading {
  readonly #title: HTMLElement;
  readonly #kind: HTMLElement;
  readonly #icon: HTMLElement;

  constructor(root: HTMLElement) {
    this.#title = root.querySelector('h2')!;
    this.#kind = root.querySelector('.details-kind')!;
    this.#icon = root.querySelector('.details-icon')!;
  }

  write(title: string, kind: string): void {
    if (this.#title.textContent !== title) this.#title.replaceChildren(nameOf(title));
    write(this.#kind, kind);
  }

  set icon(icon: HTMLElement) {
    if (this.#icon.firstChild !== icon) this.#icon.replaceChildren(icon);
  }

  focus(): void {
    this.#title.focus({ preventScroll: true });
  }
}

/** The panel for what is open: a tile, an area, a compositor or a region. Its heading gets the focus; Escape closes it. */
export class Details {
  readonly #options: DetailsOptions;
  readonly #heading: Heading;
  readonly #body: HTMLElement;
  readonly #back: HTMLElement;
  #view: DetailView | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Where the focus was before. */
  #origin: Element | null = null;
  #closed: (() => void) | undefined;

  constructor(options: DetailsOptions) {
    this.#options = options;
    const { root, selection } = options;
    this.#heading = new Heading(root);
    this.#body = root.querySelector<HTMLElement>('.details-body')!;
    this.#back = root.querySelector<HTMLElement>('.details-back')!;
    this.#back.addEventListener('click', () => selection.back());
    root.querySelector('.details-close')!.addEventListener('click', () => selection.close());
    root.addEventListener('keydown', (event) => {
      // In its fields, too, where other keys are text.
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      event.preventDefault();
      options.dismiss.dismiss();
    });
  }

  /** Writes what is open anew. */
  update(): void {
    this.#view?.update();
  }

  /** Undefined: nothing is open any more. */
  show(selected: Selected | undefined): void {
    this.#view?.close();
    this.#view = undefined;
    if (!selected) return this.#hide();
    const { root, selection, dismiss, viewOf } = this.#options;
    this.#back.hidden = !selection.hasBack;
    this.#view = viewOf(selected, this.#heading);
    root.dataset['kind'] = selected.kind;
    this.#body.replaceChildren(this.#view.body);
    this.#body.scrollTop = 0;
    this.#view.update();
    if (root.hidden) {
      this.#origin = document.activeElement;
      this.#closed = dismiss.opened(() => selection.close());
      this.#timer = setInterval(() => this.update(), UPDATE_INTERVAL);
      root.hidden = false;
    }
    this.#heading.focus();
  }

  #hide(): void {
    const { root } = this.#options;
    const hadFocus = root.contains(document.activeElement);
    clearInterval(this.#timer);
    this.#closed?.();
    root.hidden = true;
    this.#body.replaceChildren();
    if (hadFocus && this.#origin instanceof HTMLElement && this.#origin.isConnected)
      this.#origin.focus({ preventScroll: true });
  }
}

/** A part of the body with a title of its own. */
export function section(title: string, ...parts: HTMLElement[]): HTMLElement {
  const root = element('section', 'details-part');
  root.append(element('h3', '', title), ...parts);
  return root;
}

/** A sentence that stays empty, and hidden, until there is something to say. */
export function note(className = 'details-note'): HTMLElement {
  const root = element('p', className);
  root.hidden = true;
  return root;
}

/** Says this in a {@link note}; nothing: hides it. */
export function say(target: HTMLElement, text: string | undefined): void {
  target.hidden = text === undefined;
  write(target, text ?? '');
}
