import type { Terminal } from './terminal.ts';

const REDRAW = 100;

/** How far something is: a bar that is drawn over on a terminal, a line every tenth elsewhere. */
export class Progress {
  readonly #terminal: Pick<Terminal, 'stderr' | 'isTTY' | 'columns'>;
  readonly #total: number;
  readonly #start = performance.now();
  #drawnAt = -Infinity;
  #tenth = 0;

  constructor(options: { terminal: Pick<Terminal, 'stderr' | 'isTTY' | 'columns'>; total: number }) {
    this.#terminal = options.terminal;
    this.#total = options.total;
  }

  update(done: number): void {
    const now = performance.now();
    const share = this.#total === 0 ? 1 : done / this.#total;
    const tenth = Math.floor(share * 10);
    if (this.#terminal.isTTY ? now - this.#drawnAt < REDRAW && share < 1 : tenth <= this.#tenth) return;
    this.#drawnAt = now;
    this.#tenth = tenth;
    const rate = Math.round(done / Math.max((now - this.#start) / 1000, 0.001));
    const figures = `${Math.floor(share * 100)} % ${done}/${this.#total} lines, ${rate}/s`;
    this.#terminal.stderr(this.#terminal.isTTY ? `\r${this.#bar(share, figures)}\x1b[K` : `${figures}\n`);
  }

  /** Leaves the bar, so that the next line stands below it. */
  end(): void {
    if (this.#terminal.isTTY && this.#drawnAt > 0) this.#terminal.stderr('\n');
  }

  #bar(share: number, figures: string): string {
    const width = Math.min(40, this.#terminal.columns - figures.length - 4);
    if (width < 5) return figures;
    const full = Math.round(share * width);
    return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${figures}`;
  }
}
