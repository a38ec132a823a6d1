import { fromOklch, mixed, packed, type Rgb } from './colour.ts';
import { hashOf } from './hash.ts';
import type { Theme } from './theme.ts';

/** How many shades of its owner's colour bricks may have. */
export const TONES = 8;
/** Colours that are told apart; more compositors than that share some. */
const SLOTS = 24;
/** Of a stale one, how much of the paper is mixed in. */
const FADED = 0.66;

/** One compositor's looks. The same object for as long as the page lives: cells point to it. */
export interface Owner {
  readonly id: string;
  /** Of {@link SLOTS}. */
  readonly slot: number;
  name: string;
  stale: boolean;
  colour: Rgb;
  /** Four bytes a tone, dimmed while stale. */
  readonly tones: Uint32Array;
}

/** A colour for each compositor: its own by preference, the next free one if another has that already. */
export class Palette {
  readonly #owners = new Map<string, Owner>();
  readonly #taken = new Uint32Array(SLOTS);
  #theme: Theme;

  constructor(options: { theme: Theme }) {
    this.#theme = options.theme;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    for (const owner of this.#owners.values()) this.#paint(owner);
  }

  ownerOf(id: string): Owner {
    const known = this.#owners.get(id);
    if (known) return known;
    const slot = this.#slotFor(id);
    const owner = {
      id,
      slot,
      name: id,
      stale: false,
      colour: [0, 0, 0] as Rgb,
      tones: new Uint32Array(TONES),
    };
    this.#taken[slot]! += 1;
    this.#owners.set(id, owner);
    this.#paint(owner);
    return owner;
  }

  /** Whether something changed that can be seen. */
  describe(id: string, name: string, stale: boolean): boolean {
    const owner = this.ownerOf(id);
    const same = owner.name === name && owner.stale === stale;
    owner.name = name;
    owner.stale = stale;
    if (!same) this.#paint(owner);
    return !same;
  }

  #slotFor(id: string): number {
    const wanted = hashOf(id) % SLOTS;
    const least = Math.min(...this.#taken);
    // In strides of 7, so that the way out of a collision does not lead to the neighbour's hue.
    for (let i = 0; i < SLOTS; i++) {
      const slot = (wanted + i * 7) % SLOTS;
      if (this.#taken[slot] === least) return slot;
    }
    return wanted;
  }

  #paint(owner: Owner): void {
    const { lightness, chroma, paper } = this.#theme;
    const hue = (owner.slot * 360) / SLOTS + 8;
    // Neighbouring hues differ in lightness, too: 15 degrees alone are too little to tell.
    const base = lightness + (owner.slot % 2 === 0 ? 0.035 : -0.045);
    owner.colour = fromOklch(base, chroma, hue);
    for (let tone = 0; tone < TONES; tone++) {
      const off = tone / (TONES - 1) - 0.5;
      const shade = fromOklch(base + off * 0.17, chroma * (1 - Math.abs(off) * 0.3), hue + off * 22);
      owner.tones[tone] = packed(owner.stale ? mixed(shade, paper, FADED) : shade);
    }
  }
}
