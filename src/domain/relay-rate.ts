/** Milliseconds in which what one sender sends is counted. */
export const RELAY_WINDOW = 100;
/** Messages of one type that pass in a window, */
const MAX_OF_A_TYPE = 10;
/** of all types together, */
const MAX_MESSAGES = 20;
/** and their characters; one message passes whatever its length. */
const MAX_TEXT = 65_536;

/** How much of what one sender sends is passed on: every message goes to every replica and to everybody who watches. */
export class RelayRate {
  #start = -Infinity;
  #messages = 0;
  #text = 0;
  readonly #ofType = new Map<string, number>();

  /** Whether a message may pass; then it is counted. @param length in characters. @param now milliseconds of a clock that never jumps. */
  admits(type: string, length: number, now: number): boolean {
    if (now - this.#start >= RELAY_WINDOW) {
      this.#start = now;
      this.#messages = 0;
      this.#text = 0;
      this.#ofType.clear();
    }
    const ofType = this.#ofType.get(type) ?? 0;
    const tooLong = this.#messages > 0 && this.#text + length > MAX_TEXT;
    if (ofType >= MAX_OF_A_TYPE || this.#messages >= MAX_MESSAGES || tooLong) return false;
    this.#ofType.set(type, ofType + 1);
    this.#messages += 1;
    this.#text += length;
    return true;
  }
}
