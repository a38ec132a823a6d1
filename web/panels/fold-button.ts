import { write } from '../page/dom.ts';

/** Where the list of compositors would cover half of the map; narrow.css uses the same width. */
const NARROW = '(width < 720px)';

export interface FoldButtonOptions {
  readonly panel: HTMLElement;
  readonly button: HTMLElement;
  /** Where the number of problems stands, and for those who do not see it what is counted. */
  readonly count: HTMLElement;
}

/**
 * The button that hides the list of compositors and shows it. On a narrow screen the list is hidden at first: the map comes first. While
 * it is hidden, the button says how many of the compositors have a problem.
 */
export class FoldButton {
  readonly #options: FoldButtonOptions;
  #problems = 0;

  constructor(options: FoldButtonOptions) {
    this.#options = options;
    const { panel, button } = options;
    this.#fold(matchMedia(NARROW).matches);
    button.addEventListener('click', () => this.#fold(!panel.classList.contains('folded')));
  }

  /** How many compositors are disconnected or stale. */
  set problems(count: number) {
    if (count === this.#problems) return;
    this.#problems = count;
    const { count: root } = this.#options;
    root.hidden = count === 0;
    write(root.querySelector('strong')!, count.toLocaleString('en'));
    write(root.querySelector('span')!, count === 1 ? ' problem, ' : ' problems, ');
  }

  #fold(folded: boolean): void {
    const { panel, button } = this.#options;
    panel.classList.toggle('folded', folded);
    button.setAttribute('aria-expanded', String(!folded));
  }
}
