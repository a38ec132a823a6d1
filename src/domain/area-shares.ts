import type { Share } from './area.ts';

/** Numbers of one owner: its id, its tiles and its newest timestamp. */
const FIELDS = 3;

/** Owners above which they are found by an index. */
const FEW = 12;

/** What each owner has in an area. Owners are numbers, since most areas have one or two and there are very many areas. */
export class AreaShares {
  readonly #fields: number[] = [];
  /** Where the fields of an owner begin; absent while there are few. */
  #index: Map<number, number> | undefined;

  add(owner: number, tiles: number, newest: number): void {
    const at = this.#find(owner);
    if (at < 0) {
      this.#index?.set(owner, this.#fields.length);
      this.#fields.push(owner, tiles, newest);
      if (!this.#index && this.#fields.length > FEW * FIELDS) this.#makeIndex();
      return;
    }
    this.#fields[at + 1]! += tiles;
    if (newest > this.#fields[at + 2]!) this.#fields[at + 2] = newest;
  }

  addAll(others: AreaShares): void {
    const fields = others.#fields;
    for (let at = 0; at < fields.length; at += FIELDS)
      this.add(fields[at]!, fields[at + 1]!, fields[at + 2]!);
  }

  /** Takes tiles away. `newestOf` finds the newest of those that an owner has left, when its newest is among them. */
  removeAll(others: AreaShares, newestOf: (owner: number) => number): void {
    const fields = others.#fields;
    for (let i = 0; i < fields.length; i += FIELDS) {
      const owner = fields[i]!;
      const at = this.#find(owner);
      const left = (this.#fields[at + 1]! -= fields[i + 1]!);
      if (left === 0) this.#removeAt(at);
      else if (fields[i + 2]! >= this.#fields[at + 2]!) this.#fields[at + 2] = newestOf(owner);
    }
  }

  /** -Infinity of one that has nothing. */
  newestOf(owner: number): number {
    const at = this.#find(owner);
    return at < 0 ? -Infinity : this.#fields[at + 2]!;
  }

  /** Removes all owners that `keeps` does not keep. */
  keepOnly(keeps: (owner: number) => boolean): void {
    for (let at = this.#fields.length - FIELDS; at >= 0; at -= FIELDS)
      if (!keeps(this.#fields[at]!)) this.#removeAt(at);
  }

  /** What it has, of the owners that have a name. */
  named(nameOf: (owner: number) => string | undefined): Share[] {
    const shares: Share[] = [];
    const fields = this.#fields;
    for (let at = 0; at < fields.length; at += FIELDS) {
      const owner = nameOf(fields[at]!);
      if (owner !== undefined) shares.push({ owner, tiles: fields[at + 1]!, newest: fields[at + 2]! });
    }
    return shares;
  }

  #find(owner: number): number {
    if (this.#index) return this.#index.get(owner) ?? -1;
    for (let at = 0; at < this.#fields.length; at += FIELDS) if (this.#fields[at] === owner) return at;
    return -1;
  }

  #makeIndex(): void {
    this.#index = new Map();
    for (let at = 0; at < this.#fields.length; at += FIELDS) this.#index.set(this.#fields[at]!, at);
  }

  /** The last one takes its room. */
  #removeAt(at: number): void {
    const fields = this.#fields;
    this.#index?.delete(fields[at]!);
    const last = fields.length - FIELDS;
    if (at < last) {
      for (let i = 0; i < FIELDS; i++) fields[at + i] = fields[last + i]!;
      this.#index?.set(fields[at]!, at);
    }
    fields.length = last;
  }
}
