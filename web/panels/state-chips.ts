import { button, element, write } from '../page/dom.ts';
import { toneOf } from './compositor-words.ts';

/** Chips with the counts by state; one that is pressed filters the list. */
export class StateChips {
  readonly #host: HTMLElement;
  readonly #chips = new Map<string, { readonly root: HTMLButtonElement; readonly count: HTMLElement }>();
  /** The state that is listed; undefined: all. */
  chosen: string | undefined;
  onChange: () => void = () => undefined;

  constructor(options: { host: HTMLElement }) {
    this.#host = options.host;
  }

  write(counts: readonly (readonly [state: string, count: number])[]): void {
    const known = new Set(counts.map(([state]) => state));
    if (this.chosen !== undefined && !known.has(this.chosen)) this.#choose(undefined);
    for (const [state, { root }] of this.#chips) {
      if (known.has(state)) continue;
      root.remove();
      this.#chips.delete(state);
    }
    // With one state there is nothing to choose from.
    this.#host.hidden = counts.length < 2;
    for (const [i, [state, count]] of counts.entries()) {
      const chip = this.#chips.get(state) ?? this.#add(state);
      write(chip.count, count.toLocaleString('en'));
      chip.root.ariaPressed = String(this.chosen === state);
      if (this.#host.children[i] !== chip.root)
        this.#host.insertBefore(chip.root, this.#host.children[i] ?? null);
    }
  }

  #add(state: string): { readonly root: HTMLButtonElement; readonly count: HTMLElement } {
    const count = element('b');
    const root = button('state', '', () => this.#choose(this.chosen === state ? undefined : state));
    root.dataset['tone'] = toneOf(state);
    root.append(count, ` ${state}`);
    const chip = { root, count };
    this.#chips.set(state, chip);
    return chip;
  }

  #choose(state: string | undefined): void {
    this.chosen = state;
    this.onChange();
  }
}
