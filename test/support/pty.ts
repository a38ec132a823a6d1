import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Owner } from './program.ts';

const ON_TERMINAL = fileURLToPath(new URL('on-terminal.py', import.meta.url));

/** A program on a real terminal, and somebody who types. */
export class Pty {
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  #shown = '';
  /** All before it was seen already. */
  #seen = 0;
  #check: () => void = () => undefined;

  constructor(t: Owner, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn('python3', [ON_TERMINAL, ...argv], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_PROXY: '*', TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.#shown += text;
      this.#check();
    });
    this.#child.stdin!.on('error', () => undefined);
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code) => {
        resolve(code);
        this.#check();
      });
    });
    this.exited.catch(() => undefined);
    // The terminal goes with it, and the program with its terminal.
    t.teardown(() => this.#child.kill('SIGKILL'));
  }

  /** All that the terminal was sent, with its colours and movements. */
  get raw(): string {
    return this.#shown;
  }

  type(text: string): void {
    this.#child.stdin!.write(text);
  }

  /** Until `text` is shown, after all that was waited for before; what was shown up to then, without colours and movements. */
  async shows(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () =>
          reject(new Error(`no ${JSON.stringify(text)} in ${JSON.stringify(this.#shown.slice(this.#seen))}`)),
        40_000,
      );
      this.#check = () => {
        const plain = plainOf(this.#shown);
        const at = plain.indexOf(text, this.#seen);
        if (at < 0) return;
        const since = plain.slice(this.#seen, at + text.length);
        this.#seen = at + text.length;
        this.#check = () => undefined;
        clearTimeout(late);
        resolve(since);
      };
      this.#check();
    });
  }
}

function plainOf(shown: string): string {
  return shown.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, '');
}
