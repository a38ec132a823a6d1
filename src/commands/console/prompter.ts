import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** The user pressed Ctrl-C: the present work ends without a message. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** Completions of the typed text, and the part of it that they replace. */
export type Complete = (typed: string) => Promise<[string[], string]>;

interface Reading {
  done(line: string | undefined): void;
  interrupted(): void;
}

const noCompletions: Complete = async (typed) => [[], typed];

/** Reads lines from a person, with editing, history and completion; or from a script. */
export class Prompter {
  /** A person types; otherwise the lines come from a file or a pipe. */
  readonly interactive: boolean;
  /** Called on Ctrl-C while no line is awaited. */
  onInterrupt: () => void = () => undefined;
  /** Number of lines read. */
  count = 0;
  readonly #readline: Interface;
  readonly #output: Writable;
  /** Lines that came before they were asked for: pasted, or from a script. */
  readonly #buffered: string[] = [];
  #reading: Reading | undefined;
  #complete = noCompletions;
  /** Only commands go into the history, not the answers to questions. */
  #remember = false;
  #prompting = false;
  #ended = false;

  constructor(options: { input: Readable; output: Writable; interactive: boolean }) {
    this.interactive = options.interactive;
    this.#output = options.output;
    this.#readline = createInterface({
      input: options.input,
      ...(options.interactive && { output: options.output }),
      terminal: options.interactive,
      crlfDelay: Infinity,
      historySize: options.interactive ? 500 : 0,
      removeHistoryDuplicates: true,
      completer: (typed: string, done: (error: Error | null, result: [string[], string]) => void) => {
        void this.#complete(typed).then((result) => done(null, result));
      },
    });
    this.#readline.on('line', (line) => this.#receive(line));
    this.#readline.on('close', () => this.#end());
    this.#readline.on('SIGINT', () => this.#interrupt());
    this.#readline.on('history', (history) => {
      if (!this.#remember) history.shift();
    });
  }

  /** The next line; undefined at the end of the input. Ctrl-C rejects with {@link Interrupted}, unless there was something to delete. */
  async read(
    prompt: string,
    options: { complete?: Complete; remember?: boolean } = {},
  ): Promise<string | undefined> {
    this.#complete = options.complete ?? noCompletions;
    this.#remember = options.remember ?? false;
    this.#prompting = true;
    const line = await new Promise<string | undefined>((done, fail) => {
      this.#reading = { done, interrupted: () => fail(new Interrupted()) };
      if (this.interactive && !this.#ended) {
        this.#readline.setPrompt(prompt);
        this.#readline.prompt();
      }
      if (this.#buffered.length > 0) this.#receive(this.#buffered.shift()!);
      else if (this.#ended) this.#end();
    });
    if (line !== undefined) this.count += 1;
    return line;
  }

  /** Resolves at the next Enter or Ctrl-C, or when the signal aborts. */
  async waitForKey(signal: AbortSignal): Promise<void> {
    this.#prompting = false;
    await new Promise<void>((resolve) => {
      const reading = { done: () => resolve(), interrupted: () => resolve() };
      this.#reading = reading;
      signal.addEventListener('abort', () => {
        if (this.#reading === reading) this.#reading = undefined;
        resolve();
      });
      if (signal.aborted || this.#ended) resolve();
    });
  }

  /** Restores the terminal. */
  close(): void {
    this.#readline.close();
  }

  #receive(line: string): void {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading) reading.done(line);
    else this.#buffered.push(line);
  }

  #end(): void {
    this.#ended = true;
    if (this.#buffered.length > 0) return;
    this.#reading?.done(undefined);
    this.#reading = undefined;
  }

  #interrupt(): void {
    const reading = this.#reading;
    if (!reading) return this.onInterrupt();
    const typed = this.#readline.line !== '';
    this.#output.write('^C\n');
    // Moves to the end of the line and deletes everything before it.
    this.#readline.write(null, { ctrl: true, name: 'e' });
    this.#readline.write(null, { ctrl: true, name: 'u' });
    if (typed && this.#prompting) return this.#readline.prompt();
    this.#reading = undefined;
    reading.interrupted();
  }
}
