/** Tells screen readers what happens, one sentence at a time and not too many. */
export class Announcer {
  readonly #region: HTMLElement;
  #queue: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { region: HTMLElement }) {
    this.#region = options.region;
  }

  say(text: string): void {
    // Only the last three of what came while one was being read are still news.
    this.#queue = [...this.#queue, text].slice(-3);
    this.#timer ??= setTimeout(() => this.#next(), 250);
  }

  #next(): void {
    this.#region.textContent = this.#queue.shift() ?? '';
    this.#timer = this.#queue.length > 0 ? setTimeout(() => this.#next(), 1500) : undefined;
  }
}
