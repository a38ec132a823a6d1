import { cssOf } from '../colours/colour.ts';
import type { Palette } from '../colours/palette.ts';
import { element, nameOf } from '../page/dom.ts';

/** The chip in the colour of a compositor. */
export function chipOf(palette: Palette, id: string): HTMLElement {
  const chip = element('i', 'chip');
  chip.style.setProperty('--colour', cssOf(palette.ownerOf(id).colour));
  return chip;
}

/** A compositor's name that opens it. */
export function ownerButton(palette: Palette, id: string, onOpen: (id: string) => void): HTMLButtonElement {
  const made = element('button', 'owner');
  made.type = 'button';
  made.dataset['id'] = id;
  made.append(chipOf(palette, id), nameOf(palette.ownerOf(id).name));
  made.addEventListener('click', () => onOpen(id));
  return made;
}
