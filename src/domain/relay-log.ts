import { conflationName, type Relayed } from './relayed.ts';

/** The most messages that are kept for readers that are behind, */
const MAX_MESSAGES = 1024;
/** and the most characters of them. */
const MAX_TEXT = 4 * 1024 * 1024;

interface Entry {
  readonly at: number;
  /** Undefined when a newer one replaced it. */
  message: Relayed | undefined;
}

/**
 * What was passed on of late: of each sender and type the last message, and each command. All readers share it, and each keeps only
 * its position: a reader that is slow costs nothing, and gets the last of what it missed.
 */
export class RelayLog {
  /** In the order of `at`. */
  #entries: Entry[] = [];
  readonly #latest = new Map<string, Entry>();
  #end = 0;
  #kept = 0;
  #text = 0;
  /** All that was left out for want of room stands before this. */
  #complete = 0;

  /** The position behind all messages: where a new reader begins. */
  get end(): number {
    return this.#end;
  }

  /** A reader at a position before this one has missed something. */
  get complete(): number {
    return this.#complete;
  }

  append(message: Relayed): void {
    const entry: Entry = { at: this.#end, message };
    this.#end += 1;
    const name = conflationName(message);
    if (name !== undefined) {
      const before = this.#latest.get(name);
      if (before) this.#clear(before);
      this.#latest.set(name, entry);
    }
    this.#entries.push(entry);
    this.#kept += 1;
    this.#text += message.text.length;
    this.#makeRoom();
  }

  /** The first message at or behind `position`, and the position behind it; undefined at the end. */
  next(position: number): { readonly message: Relayed; readonly position: number } | undefined {
    for (let i = this.#indexOf(position); i < this.#entries.length; i++) {
      const { at, message } = this.#entries[i]!;
      if (message) return { message, position: at + 1 };
    }
    return undefined;
  }

  #clear(entry: Entry): void {
    this.#kept -= 1;
    this.#text -= entry.message!.text.length;
    entry.message = undefined;
  }

  #makeRoom(): void {
    let first = 0;
    while (this.#kept > MAX_MESSAGES || this.#text > MAX_TEXT) {
      const entry = this.#entries[first++]!;
      if (!entry.message) continue;
      const name = conflationName(entry.message);
      if (name !== undefined) this.#latest.delete(name);
      this.#clear(entry);
      this.#complete = entry.at + 1;
    }
    if (first > 0) this.#entries.splice(0, first);
    // Each entry that is left out here was added once: on average this costs nothing.
    if (this.#entries.length > 2 * this.#kept + 64)
      this.#entries = this.#entries.filter(({ message }) => message !== undefined);
  }

  /** Of the first entry at or behind `position`. */
  #indexOf(position: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#entries[middle]!.at < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
