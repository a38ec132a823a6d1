import { fromOklch, mixed, type Rgb } from '../../src/pattern/colour.ts';
import { hashOf } from '../../src/pattern/hash.ts';
import { packed } from './colour.ts';
import type { Theme } from './theme.ts';

/** The number of shades of an owner's colour. */
export const SHADES = 8;
/** The number of different colours; more compositors share them. */
const SLOTS = 24;
/** The share of background mixed into the colour of a stale compositor, and of one beside the one that stands out. */
const STALE_MIX = 0.66;
const PALE_MIX = 0.72;

/** How a compositor is drawn. The same object while the page lives: cells point to it. */
export interface Owner {
  readonly id: string;
  readonly slot: number;
  name: string;
  stale: boolean;
  /** Another one stands out. */
  pale: boolean;
  colour: Rgb;
  /** Four bytes per shade, dimmed while stale. All that look the same have it in common. */
  shades: Uint32Array;
}

/** Gives each compositor a colour: the one of its id's hash, or the next one that is free. */
export class Palette {
  readonly #owners = new Map<string, Owner>();
  readonly #taken = new Uint32Array(SLOTS);
  /** By slot and share of the background: of ten thousand owners each would have the same few computed. */
  readonly #painted = new Map<string, Pick<Owner, 'colour' | 'shades'>>();
  #theme: Theme;
  #lit: string | undefined;

  constructor(options: { theme: Theme }) {
    this.#theme = options.theme;
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#painted.clear();
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
      pale: this.#lit !== undefined && this.#lit !== id,
      colour: [0, 0, 0] as Rgb,
      shades: new Uint32Array(),
    };
    this.#taken[slot]! += 1;
    this.#owners.set(id, owner);
    this.#paint(owner);
    return owner;
  }

  /** Sets name and state; returns whether that changes how it is drawn. */
  describe(id: string, name: string, stale: boolean): boolean {
    const owner = this.ownerOf(id);
    const same = owner.name === name && owner.stale === stale;
    owner.name = name;
    owner.stale = stale;
    if (!same) this.#paint(owner);
    return !same;
  }

  /** This one stands out, the others are pale; undefined: none does. */
  light(id: string | undefined): void {
    if (id === this.#lit) return;
    this.#lit = id;
    for (const owner of this.#owners.values()) {
      const pale = id !== undefined && owner.id !== id;
      if (pale === owner.pale) continue;
      owner.pale = pale;
      this.#paint(owner);
    }
  }

  #slotFor(id: string): number {
    const wanted = hashOf(id) % SLOTS;
    const least = Math.min(...this.#taken);
    // In steps of 7: the next free slot would have almost the same hue.
    for (let i = 0; i < SLOTS; i++) {
      const slot = (wanted + i * 7) % SLOTS;
      if (this.#taken[slot] === least) return slot;
    }
    return wanted;
  }

  #paint(owner: Owner): void {
    const mix = owner.pale ? PALE_MIX : owner.stale ? STALE_MIX : 0;
    const key = `${owner.slot} ${mix}`;
    let painted = this.#painted.get(key);
    if (!painted) this.#painted.set(key, (painted = this.#coloursOf(owner.slot, mix)));
    owner.colour = painted.colour;
    owner.shades = painted.shades;
  }

  #coloursOf(slot: number, mix: number): Pick<Owner, 'colour' | 'shades'> {
    const { lightness, chroma, paper } = this.#theme;
    const hue = (slot * 360) / SLOTS + 8;
    // Neighbouring hues also differ in lightness: 15 degrees alone are hard to tell apart.
    const base = lightness + (slot % 2 === 0 ? 0.035 : -0.045);
    const shades = Uint32Array.from({ length: SHADES }, (_, shade) => {
      const off = shade / (SHADES - 1) - 0.5;
      const colour = fromOklch(base + off * 0.17, chroma * (1 - Math.abs(off) * 0.3), hue + off * 22);
      return packed(mixed(colour, paper, mix));
    });
    return { colour: fromOklch(base, chroma, hue), shades };
  }
}
