interface Owner {
  readonly id: number;
  tiles: number;
}

/** A number for each owner of tiles, as long as it has some. One that comes back after its end has a new number. */
export class AreaOwners {
  readonly #owners = new Map<string, Owner>();
  readonly #names = new Map<number, string>();
  #next = 0;

  /** The number of an owner, of which one more tile is counted. */
  addTile(name: string): number {
    let owner = this.#owners.get(name);
    if (!owner) {
      owner = { id: this.#next++, tiles: 0 };
      this.#owners.set(name, owner);
      this.#names.set(owner.id, name);
    }
    owner.tiles += 1;
    return owner.id;
  }

  /** The number of an owner, of which one tile less is counted. */
  removeTile(name: string): number {
    const owner = this.#owners.get(name)!;
    owner.tiles -= 1;
    if (owner.tiles === 0) this.withdraw(name);
    return owner.id;
  }

  withdraw(name: string): void {
    const owner = this.#owners.get(name);
    if (!owner) return;
    this.#owners.delete(name);
    this.#names.delete(owner.id);
  }

  /** Undefined of one that has no tiles any more: those that still lie about are not to be seen. */
  nameOf(id: number): string | undefined {
    return this.#names.get(id);
  }
}
