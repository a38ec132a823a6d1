import { printable } from '../../src/domain/printable.ts';

/** The element of index.html with this id. */
export function byId(id: string): HTMLElement {
  return elementOf(id, HTMLElement);
}

/** The same, of a certain class. */
export function elementOf<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id} of that kind`);
  return found;
}

/** Creates an element. The text is never parsed as HTML: names come from strangers. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  className = '',
  text = '',
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** An element for a name, which may run from right to left without affecting the text around it. */
export function nameOf(text: string, className = ''): HTMLElement {
  const shown = printable(text);
  const made = element('bdi', className, shown);
  made.title = shown;
  return made;
}

/** Skips equal text: writing it would make the browser lay it out again. */
export function write(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** A button with a text on it. */
export function button(className: string, text: string, onClick: () => void): HTMLButtonElement {
  const made = element('button', className, text);
  made.type = 'button';
  made.addEventListener('click', onClick);
  return made;
}

/** A count and what is counted. */
export function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
