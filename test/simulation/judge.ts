/** Collects what was broken, and, when asked to, what led to it. */
export class Judge {
  readonly broken: string[] = [];
  readonly lines: string[] = [];
  readonly #time: () => number;
  readonly #tracing: boolean;

  constructor(options: { time: () => number; tracing: boolean }) {
    this.#time = options.time;
    this.#tracing = options.tracing;
  }

  /** A function, since most runs need no words. */
  tell(what: () => string): void {
    if (this.#tracing) this.lines.push(`${this.#time().toFixed(1).padStart(9)}  ${what()}`);
  }

  bad(kind: string, what: string): void {
    this.broken.push(`${kind}: ${what}`);
    this.tell(() => `!!! ${kind}: ${what}`);
  }
}
