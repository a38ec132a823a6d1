/** The element with this id, which index.html has. */
export function byId(id: string): HTMLElement {
  return elementOf(id, HTMLElement);
}

/** The same, of one kind. */
export function elementOf<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id} of that kind`);
  return found;
}

/** A new element. What it says is text, whatever it holds: names come from strangers. */
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

/** A person's or a program's name: it may run in either direction without turning what is around it. */
export function nameOf(text: string, className = ''): HTMLElement {
  const made = element('bdi', className, text);
  made.title = text;
  return made;
}
