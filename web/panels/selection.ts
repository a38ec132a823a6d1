import type { Rectangle } from '../map/rectangle.ts';

/** What can be opened on the page. */
export type Selected =
  | { readonly kind: 'tile'; readonly x: number; readonly y: number }
  | { readonly kind: 'area'; readonly rect: Rectangle }
  | { readonly kind: 'compositor'; readonly id: string }
  | { readonly kind: 'region'; readonly id: string };

/** The longest way back. */
const MAX_TRAIL = 20;

/** What is open, and the way there. */
export class Selection {
  #trail: readonly Selected[] = [];
  /** Called for each change. */
  onChange: () => void = () => undefined;

  get current(): Selected | undefined {
    return this.#trail.at(-1);
  }

  get hasBack(): boolean {
    return this.#trail.length > 1;
  }

  /** Opens this, with no way back. */
  open(selected: Selected): void {
    this.#go([selected]);
  }

  /** Opens this from what is open: there is a way back. */
  step(selected: Selected): void {
    this.#go([...this.#trail, selected].slice(-MAX_TRAIL));
  }

  back(): void {
    if (this.hasBack) this.#go(this.#trail.slice(0, -1));
  }

  close(): void {
    if (this.#trail.length > 0) this.#go([]);
  }

  #go(trail: readonly Selected[]): void {
    this.#trail = trail;
    this.onChange();
  }
}
