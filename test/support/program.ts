import { spawn, type ChildProcess } from 'node:child_process';

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Whoever owns a program ends it: a tap test, or anything else with a teardown. */
export interface Owner {
  teardown(run: () => unknown): void;
}

/** A child process whose output can be waited for. Killed by its own id when its owner ends. */
export class Program {
  readonly exited: Promise<Exit>;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #checks = new Set<() => void>();
  #stdout = '';
  #stderr = '';
  #exit: Exit | undefined;

  constructor(t: Owner, command: string, args: readonly string[], options: ProgramOptions = {}) {
    this.#name = [command, ...args].join(' ');
    this.#child = spawn(command, args, {
      cwd: options.cwd,
      // Nothing of the machine's configuration or proxies reaches a program under test.
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_PROXY: '*', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
      this.#check();
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#check();
    });
    this.exited = new Promise((resolve, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) => {
        this.#exit = { code, signal };
        this.#check();
        resolve(this.#exit);
      });
    });
    // Whoever awaits it sees the error; nobody may.
    this.exited.catch(() => undefined);
    t.teardown(() => this.stop('SIGKILL'));
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start`);
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Sends the signal and waits for the end. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit | undefined> {
    if (!this.#exit && this.#child.pid !== undefined) this.#child.kill(signal);
    return this.exited.catch(() => undefined);
  }

  /** Sends the signal and does not wait (SIGSTOP, SIGCONT). */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with the match as soon as stdout has it; rejects when the program ends without, or after the ceiling. */
  async prints(pattern: RegExp, ceilingMs = 40_000): Promise<RegExpExecArray> {
    return this.#waitFor('stdout', () => pattern.exec(this.#stdout), pattern, ceilingMs);
  }

  /** The same for stderr. */
  async complains(pattern: RegExp, ceilingMs = 40_000): Promise<RegExpExecArray> {
    return this.#waitFor('stderr', () => pattern.exec(this.#stderr), pattern, ceilingMs);
  }

  async #waitFor(
    where: string,
    match: () => RegExpExecArray | null,
    pattern: RegExp,
    ceilingMs: number,
  ): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const settle = (found: RegExpExecArray | null, why: string) => {
        if (!found && why === '') return;
        this.#checks.delete(check);
        clearTimeout(late);
        if (found) resolve(found);
        else
          reject(
            new Error(
              `${this.#name}: no ${String(pattern)} on ${where} ${why}\n${this.#stdout}${this.#stderr}`,
            ),
          );
      };
      const check = () => settle(match(), this.#exit ? 'before it ended' : '');
      const late = setTimeout(() => settle(match(), `within ${ceilingMs} ms`), ceilingMs);
      this.#checks.add(check);
      check();
    });
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}
