import { element, write } from '../page/dom.ts';

interface Row {
  readonly root: HTMLElement;
  readonly detail: HTMLElement;
  readonly text: HTMLElement;
}

/** A list of names and values. A row that is written again keeps its element, so that its text can be selected. */
export class Facts {
  readonly root = element('dl', 'facts');
  readonly #rows = new Map<string, Row>();

  /** Undefined: the row goes. Rows stand in the order in which they were first set. `meaning`: what the name means, where it needs a sentence. */
  set(name: string, value: string | HTMLElement | undefined, meaning = ''): void {
    const row = this.#rows.get(name) ?? this.#add(name, meaning);
    row.root.hidden = value === undefined;
    const shown = typeof value === 'string' ? row.text : value;
    if (typeof value === 'string') write(row.text, value);
    if (shown && row.detail.firstChild !== shown) row.detail.replaceChildren(shown);
  }

  /** Exactly these rows, in any order. */
  replace(values: ReadonlyMap<string, string>): void {
    for (const [name, { root }] of this.#rows)
      if (!values.has(name)) {
        root.remove();
        this.#rows.delete(name);
      }
    for (const [name, value] of values) this.set(name, value);
  }

  #add(name: string, meaning: string): Row {
    const root = element('div', 'fact');
    const [detail, text] = [element('dd'), element('bdi')];
    const term = element('dt');
    if (meaning !== '') term.title = meaning;
    term.append(element('bdi', '', name));
    root.append(term, detail);
    this.root.append(root);
    const row = { root, detail, text };
    this.#rows.set(name, row);
    return row;
  }
}
