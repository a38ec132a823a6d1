import { printable } from '../printable.ts';
import { didYouMean } from '../../config/did-you-mean.ts';
import type { ReadFile } from '../../config/read-file.ts';
import { CommandError } from '../command.ts';
import { columns } from '../layout.ts';
import { COMMAND_VERBS } from './command-verbs.ts';
import type { Daemon } from './daemon.ts';
import { LIFECYCLE_VERBS } from './lifecycle-verbs.ts';
import { completionsOf, wordsOf } from './line.ts';
import { Interrupted, type Prompter } from './prompter.ts';
import { QUERY_VERBS } from './query-verbs.ts';
import { wordsFor, type ConsoleContext, type Verb } from './verb.ts';

export const VERBS: readonly Verb[] = [...QUERY_VERBS, ...LIFECYCLE_VERBS, ...COMMAND_VERBS];
/** The session handles these itself. */
const HELP = ['help', '?'];
const QUIT = ['quit', 'exit'];
const NAMES = [...VERBS.map(({ name }) => name), 'help', ...QUIT];

/** Milliseconds: nothing can be typed while a completion is awaited. */
const COMPLETION_TIMEOUT = 3_000;
/** The most compositors whose commands are looked up. */
const COMPLETED_FROM = 8;

interface SessionOptions {
  readonly daemon: Daemon;
  readonly prompter: Prompter;
  readonly print: (text: string) => void;
  readonly readFile: ReadFile;
  /** Ends the session. */
  readonly stop: AbortSignal;
}

/** Runs the lines of one console, one after the other. */
export class ConsoleSession implements ConsoleContext {
  readonly daemon: Daemon;
  readonly readFile: ReadFile;
  selected: string | undefined;
  readonly #options: SessionOptions;
  #running = new AbortController();

  constructor(options: SessionOptions) {
    this.daemon = options.daemon;
    this.readFile = options.readFile;
    this.#options = options;
    options.prompter.onInterrupt = () => this.#running.abort();
    options.stop.addEventListener('abort', () => this.#running.abort());
  }

  get interactive(): boolean {
    return this.#options.prompter.interactive;
  }

  print(text: string): void {
    this.#options.print(`${text}\n`);
  }

  waitForKey(signal: AbortSignal): Promise<void> {
    return this.#options.prompter.waitForKey(signal);
  }

  /** Runs lines until `quit`, the end of the input, or a script's first failure; it throws that as a {@link CommandError} with the line. */
  async run(): Promise<void> {
    if (this.interactive) await this.#greet();
    while (!this.#isOver()) {
      const line = await this.#next();
      if (line === undefined) return;
      const number = this.#options.prompter.count;
      this.#running = new AbortController();
      if (this.#isOver()) return;
      try {
        if ((await this.#perform(line)) === 'quit') return;
      } catch (error) {
        if (error instanceof Interrupted || this.#running.signal.aborted) continue;
        if (!(error instanceof CommandError)) throw error;
        if (!this.interactive) throw new CommandError(`line ${number}: ${printable(line)}: ${error.message}`);
        this.print(error.message);
      }
    }
  }

  /** A call: the compiler would take the first answer for the value after the awaits. */
  #isOver(): boolean {
    return this.#options.stop.aborted;
  }

  async #next(): Promise<string | undefined> {
    const { selected } = this;
    try {
      return await this.#options.prompter.read(
        selected === undefined ? 'compositord> ' : `compositord ${selected}> `,
        {
          remember: true,
          complete: (typed) =>
            completionsOf(typed, {
              verbs: VERBS,
              names: NAMES,
              ids: () => this.#ids(),
              commands: (id) => this.#commands(id),
            }),
        },
      );
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.print('quit, exit or Ctrl-D ends.');
      return '';
    }
  }

  async #perform(line: string): Promise<'quit' | undefined> {
    const [first] = wordsOf(line, 1);
    if (first === undefined || first.startsWith('#')) return undefined;
    const word = first.toLowerCase();
    if (QUIT.includes(word)) return 'quit';
    if (HELP.includes(word)) {
      this.print(helpText());
      return undefined;
    }
    const verb = VERBS.find(({ name, alias }) => name === word || alias === word);
    if (!verb)
      throw new CommandError(
        `there is no ${printable(first)}.${didYouMean(first, NAMES)} help lists the commands.`,
      );
    await verb.run({ context: this, words: wordsFor(verb, line), signal: this.#running.signal });
    return undefined;
  }

  async ask(question: string, choices: readonly string[] = []): Promise<string> {
    const answer = await this.#options.prompter.read(question, {
      complete: async (typed) => [choices.filter((choice) => choice.startsWith(typed)), typed],
    });
    if (answer === undefined)
      throw this.interactive ? new Interrupted() : new CommandError(`no line answers: ${question.trim()}`);
    return answer.trim();
  }

  async #ids(): Promise<string[]> {
    const { daemon } = this;
    // On failure there are no completions: a message would disturb the line that is being typed.
    const all = await daemon.compositors(AbortSignal.timeout(COMPLETION_TIMEOUT)).catch(() => []);
    return all.map(({ id }) => id);
  }

  /** The commands of one compositor; without an id those of the selected one, else of some that are connected. */
  async #commands(id = this.selected): Promise<string[]> {
    const { daemon } = this;
    const timeout = AbortSignal.timeout(COMPLETION_TIMEOUT);
    try {
      const connected = async () =>
        (await daemon.compositors(timeout))
          .filter(({ status }) => status === 'connected')
          .map((each) => each.id);
      const ids = id === undefined ? await connected() : [id.toLowerCase()];
      const lists = await Promise.all(
        ids.slice(0, COMPLETED_FROM).map((each) => daemon.commands(each, timeout)),
      );
      return [...new Set(lists.flat())].sort();
    } catch {
      return [];
    }
  }

  async #greet(): Promise<void> {
    const { daemon } = this;
    try {
      const { name, version, compositors } = await daemon.health(this.#options.stop);
      this.print(
        printable(
          `${String(name)} ${String(version)} at ${daemon.url}, ${String(compositors)} compositors. help lists the commands.`,
        ),
      );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // Not fatal: the daemon may come back, and each line sends a new request.
      this.print(error.message);
    }
  }
}

function helpText(): string {
  const rows = [
    ...VERBS.map(({ name, usage, summary }) => [`${name} ${usage}`, summary] as const),
    ['help', 'Shows this list.'] as const,
    ['quit, exit', 'Ends the console; so does Ctrl-D.'] as const,
  ];
  return columns(rows, '  ');
}
