/** A text that many hold. */
export interface SharedName {
  readonly text: string;
  /** How many tiles of the map have it. */
  count: number;
}

/** The names of bricks, each kept once: a million tiles show a few hundred bricks. */
export class SharedNames {
  readonly #names = new Map<string, SharedName>();

  get size(): number {
    return this.#names.size;
  }

  /** The name for one more tile. */
  take(text: string): SharedName {
    let name = this.#names.get(text);
    if (!name) this.#names.set(text, (name = { text, count: 0 }));
    name.count += 1;
    return name;
  }

  /** A tile has it no more. Whoever still holds it may read it. */
  release(name: SharedName): void {
    name.count -= 1;
    if (name.count === 0) this.#names.delete(name.text);
  }
}
