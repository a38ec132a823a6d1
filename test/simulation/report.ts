/** Collects violations of the promises, and, when asked to, what led to them. */
export class Report {
  readonly violations: string[] = [];
  readonly lines: string[] = [];
  readonly #time: () => number;
  readonly #tracing: boolean;

  constructor(options: { time: () => number; tracing: boolean }) {
    this.#time = options.time;
    this.#tracing = options.tracing;
  }

  /** A function, since most runs need no words. */
  trace(what: () => string): void {
    if (this.#tracing) this.lines.push(`${this.#time().toFixed(1).padStart(9)}  ${what()}`);
  }

  violation(kind: string, what: string): void {
    this.violations.push(`${kind}: ${what}`);
    this.trace(() => `!!! ${kind}: ${what}`);
  }
}
