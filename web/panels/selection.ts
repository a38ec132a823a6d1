import { textOf, type Rectangle } from '../map/rectangle.ts';

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
  /** Called for each change. `isLinked`: an address wants it, so the map belongs where that has it. */
  onChange: (isLinked: boolean) => void = () => undefined;

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

  /** Opens what an address names, unless it is open. */
  follow(selected: Selected): void {
    if (!isSame(this.current, selected)) this.#go([selected], true);
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

  #go(trail: readonly Selected[], isLinked = false): void {
    this.#trail = trail;
    this.onChange(isLinked);
  }
}

function isSame(a: Selected | undefined, b: Selected): boolean {
  if (a?.kind === 'tile' && b.kind === 'tile') return a.x === b.x && a.y === b.y;
  if (a?.kind === 'area' && b.kind === 'area') return textOf(a.rect) === textOf(b.rect);
  return a?.kind === b.kind && 'id' in a && 'id' in b && a.id === b.id;
}
