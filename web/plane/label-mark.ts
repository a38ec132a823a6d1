import { element } from '../page/dom.ts';
import { isProblem } from '../panels/list-order.ts';
import { toneOf } from '../panels/compositor-words.ts';

/** The sign on a label that its compositor is disconnected or stale. */
export class LabelMark {
  readonly root = element('span', 'label-mark');
  readonly #sign = element('span', '', '!');
  readonly #word = element('span', 'visually-hidden');
  readonly #label: HTMLElement;
  #status: string | undefined;

  constructor(label: HTMLElement) {
    this.#label = label;
    this.#sign.ariaHidden = 'true';
    this.root.hidden = true;
  }

  /** The word for what is wrong; empty: nothing is. */
  get problem(): string {
    return this.#status !== undefined && isProblem(this.#status) ? this.#status : '';
  }

  /** Returns whether that changes how the label looks. */
  show(status: string | undefined): boolean {
    if (status === this.#status) return false;
    const before = this.problem;
    this.#status = status;
    const { problem } = this;
    // A label without a problem has no sign at all: its text is its name.
    this.root.replaceChildren(...(problem === '' ? [] : [this.#sign, this.#word]));
    this.root.hidden = problem === '';
    this.#word.textContent = ` ${problem}`;
    this.#label.dataset['tone'] = problem === '' ? '' : toneOf(problem);
    return problem !== before;
  }
}
