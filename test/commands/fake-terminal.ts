import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import type { Terminal } from '../../src/commands/terminal.ts';

/** A terminal that keeps its output, and whose Ctrl-C is a call. */
export class FakeTerminal implements Terminal {
  out = '';
  err = '';
  grace: number | undefined;
  readonly env: Terminal['env'];
  readonly readFile: Terminal['readFile'];
  readonly isTTY: boolean;
  readonly columns = 80;
  /** The size of the screen; a test may change it. */
  size: { columns: number; rows: number } | undefined;
  readonly version = '1.2.3';
  #close: ((signal?: string) => Promise<void>) | undefined;
  readonly #waits: { text: string; done: () => void }[] = [];

  constructor(
    options: {
      env?: Terminal['env'];
      readFile?: Terminal['readFile'];
      isTTY?: boolean;
      size?: { columns: number; rows: number };
    } = {},
  ) {
    this.env = options.env ?? {};
    this.readFile = options.readFile ?? ((path) => readFileSync(path, 'utf8'));
    this.isTTY = options.isTTY ?? false;
    this.size = options.size;
  }

  readonly screen = () => this.size;

  readonly colour = (_colour: string, text: string): string => text;

  /** An empty script. */
  readonly dialogue = () => ({ input: Readable.from([]), output: new PassThrough(), interactive: false });

  readonly stdout = (text: string): void => {
    this.out += text;
    this.#notify();
  };

  readonly stderr = (text: string): void => {
    this.err += text;
    this.#notify();
  };

  readonly onStop = (grace: number, close: (signal?: string) => Promise<void>): void => {
    this.grace = grace;
    this.#close = close;
  };

  /** The first Ctrl-C, or another signal. */
  async interrupt(signal = 'SIGINT'): Promise<void> {
    if (!this.#close) throw new Error('nothing waits for a signal');
    await this.#close(signal);
  }

  /** Resolves when `text` was printed, to stdout or stderr; the test's own time limit is the ceiling. */
  async until(text: string): Promise<void> {
    await new Promise<void>((done) => {
      this.#waits.push({ text, done });
      this.#notify();
    });
  }

  #notify(): void {
    for (const wait of this.#waits) if ((this.out + this.err).includes(wait.text)) wait.done();
  }
}
