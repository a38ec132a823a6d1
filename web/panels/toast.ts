export interface ToastOptions {
  readonly element: HTMLElement;
  readonly announce: (text: string) => void;
}

/** Shows a short message for a while, and announces it to screen readers. */
export class Toast {
  readonly #options: ToastOptions;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ToastOptions) {
    this.#options = options;
  }

  show(text: string, seconds = 6): void {
    this.#options.element.textContent = text;
    this.#options.element.hidden = false;
    this.#options.announce(text);
    clearTimeout(this.#timer);
    if (seconds < Infinity)
      this.#timer = setTimeout(() => (this.#options.element.hidden = true), seconds * 1000);
  }
}

/** Announces what happens to screen readers, one sentence at a time. */
export class Announcer {
  readonly #region: HTMLElement;
  #queue: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { region: HTMLElement }) {
    this.#region = options.region;
  }

  say(text: string): void {
    // Keeps the last three: older announcements are no longer of interest.
    this.#queue = [...this.#queue, text].slice(-3);
    this.#timer ??= setTimeout(() => this.#next(), 250);
  }

  #next(): void {
    this.#region.textContent = this.#queue.shift() ?? '';
    this.#timer = this.#queue.length > 0 ? setTimeout(() => this.#next(), 1500) : undefined;
  }
}
