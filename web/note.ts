/** Says something for a while that has no other place. */
export class Note {
  readonly #place: HTMLElement;
  readonly #announce: (text: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { place: HTMLElement; announce: (text: string) => void }) {
    this.#place = options.place;
    this.#announce = options.announce;
  }

  /** For `seconds`. */
  say(text: string, seconds = 6): void {
    this.#place.textContent = text;
    this.#place.hidden = false;
    this.#announce(text);
    clearTimeout(this.#timer);
    if (seconds < Infinity) this.#timer = setTimeout(() => (this.#place.hidden = true), seconds * 1000);
  }
}
