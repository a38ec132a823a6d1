import type { Frame } from './event.ts';
import type { PartSource } from './part-source.ts';

/** How far one reader has come with the parts of a source. */
export class PartsTaken {
  #source: PartSource | undefined;
  #next = 1;

  /** How many parts it has taken. */
  get count(): number {
    return this.#next - 1;
  }

  /** There may be another one. */
  get hasNext(): boolean {
    return this.#source?.has(this.#next) === true;
  }

  /** Takes no more of the source of before, and begins with another; without one there are no parts. */
  begin(source?: PartSource): void {
    this.#source?.leave(this.#next);
    this.#source = source;
    this.#next = 1;
  }

  /** Undefined after the last. */
  take(): Frame | undefined {
    const part = this.#source?.take(this.#next);
    if (part) this.#next += 1;
    return part;
  }
}
