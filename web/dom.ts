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
  const made = element('bdi', className, text);
  made.title = text;
  return made;
}
