import { conflationName, type Relayed } from './relayed.ts';

/** `rate`: a newer one of its kind came, or too many came. `full`: others took the room. */
export type RelayDrop = 'rate' | 'full';

export interface RelayQueueOptions {
  /** The most messages, half of which may be commands, and the most characters of all of them. */
  readonly messages: number;
  readonly text: number;
  readonly dropped: (message: Relayed, why: RelayDrop) => void;
}

/**
 * Messages that wait to be passed on. Of each sender and type only the last waits, in the place of the first; commands all do, as
 * far as there is room, and go first: no number of other messages takes their place.
 */
export class RelayQueue {
  readonly #options: RelayQueueOptions;
  readonly #commands = new Set<Relayed>();
  readonly #latest = new Map<string, Relayed>();
  #text = 0;

  constructor(options: RelayQueueOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#commands.size + this.#latest.size;
  }

  /** Whether a message waits that this one would replace, or has to wait for. */
  holds(message: Relayed): boolean {
    const name = conflationName(message);
    return name === undefined ? this.#commands.size > 0 : this.#latest.has(name);
  }

  add(message: Relayed): void {
    const name = conflationName(message);
    if (name === undefined) this.#addCommand(message);
    else this.#addLatest(name, message);
  }

  /** Takes out what `admits` lets through, in order; a command that has to wait holds back those behind it. */
  take(admits: (message: Relayed) => boolean): Relayed[] {
    const taken: Relayed[] = [];
    for (const message of this.#commands) {
      if (!admits(message)) break;
      this.#commands.delete(message);
      taken.push(message);
    }
    for (const [name, message] of this.#latest) {
      if (!admits(message)) continue;
      this.#latest.delete(name);
      taken.push(message);
    }
    for (const { text } of taken) this.#text -= text.length;
    return taken;
  }

  /** A command without a place is dropped itself: those before it were first. */
  #addCommand(message: Relayed): void {
    const { messages, text, dropped } = this.#options;
    if (this.#commands.size >= messages / 2) return dropped(message, 'rate');
    this.#makeRoom(message.text.length);
    if (this.#text + message.text.length > text) return dropped(message, 'full');
    this.#commands.add(message);
    this.#text += message.text.length;
  }

  #addLatest(name: string, message: Relayed): void {
    const before = this.#latest.get(name);
    // Set now, so that a message that replaces one takes no place of another.
    this.#latest.set(name, message);
    this.#text += message.text.length - (before?.text.length ?? 0);
    if (before) this.#options.dropped(before, 'rate');
    this.#makeRoom(0);
  }

  /** Drops the oldest of those that are no commands, until there is room for so many characters more. */
  #makeRoom(more: number): void {
    const { messages, text, dropped } = this.#options;
    for (const [name, message] of this.#latest) {
      if (this.size <= messages && this.#text + more <= text) return;
      this.#latest.delete(name);
      this.#text -= message.text.length;
      dropped(message, 'full');
    }
  }
}
