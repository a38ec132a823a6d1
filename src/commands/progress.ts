import type { Terminal } from './terminal.ts';

/** Milliseconds between two states of the bar. */
const REDRAW = 100;
/** Where there is no terminal, fewer than so many have a line only when it comes so many milliseconds after the last, or is the end. */
const MANY = 10_000;
const PAUSE = 1000;

/** Progress on stderr: a bar on a terminal; elsewhere a line every tenth, which what is quick does without. */
export class Progress {
  readonly #terminal: Pick<Terminal, 'stderr' | 'isTTY' | 'columns'>;
  readonly #total: number;
  readonly #unit: string;
  readonly #start = performance.now();
  #drawnAt: number;
  #tenth = 0;

  /** `unit`: what is counted, in the plural. */
  constructor(terminal: Pick<Terminal, 'stderr' | 'isTTY' | 'columns'>, total: number, unit: string) {
    this.#terminal = terminal;
    this.#total = total;
    this.#unit = unit;
    this.#drawnAt = terminal.isTTY ? -Infinity : this.#start;
  }

  update(done: number): void {
    const now = performance.now();
    const share = this.#total === 0 ? 1 : done / this.#total;
    if (!this.#isDue(share, now - this.#drawnAt)) return;
    this.#drawnAt = now;
    this.#tenth = Math.floor(share * 10);
    const rate = Math.round(done / Math.max((now - this.#start) / 1000, 0.001));
    const text = `${Math.floor(share * 100)} % ${done}/${this.#total} ${this.#unit}, ${rate}/s`;
    this.#terminal.stderr(this.#terminal.isTTY ? `\r${this.#bar(share, text)}\x1b[K` : `${text}\n`);
  }

  /** Ends the line of the bar, so that the next output is below it. */
  end(): void {
    if (this.#terminal.isTTY && this.#drawnAt > 0) this.#terminal.stderr('\n');
  }

  #isDue(share: number, since: number): boolean {
    if (this.#terminal.isTTY) return since >= REDRAW || share >= 1;
    if (Math.floor(share * 10) <= this.#tenth) return false;
    return this.#total >= MANY || since >= PAUSE || share >= 1;
  }

  #bar(share: number, text: string): string {
    const width = Math.min(40, this.#terminal.columns - text.length - 4);
    // A line that is broken by the terminal cannot be drawn over.
    if (width < 5) return text.slice(0, this.#terminal.columns - 1);
    const full = Math.round(share * width);
    return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${text}`;
  }
}
