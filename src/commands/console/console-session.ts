import { printable } from '../printable.ts';
import { didYouMean } from '../../config/did-you-mean.ts';
import { CommandError } from '../command.ts';
import { columns } from '../layout.ts';
import { COMMAND_VERBS } from './command-verbs.ts';
import type { Daemon } from './daemon.ts';
import { LIFECYCLE_VERBS } from './lifecycle-verbs.ts';
import { completionsOf, wordsOf } from './line.ts';
import { Interrupted, type Prompter } from './prompter.ts';
import { QUERY_VERBS } from './query-verbs.ts';
import { wordsFor, type ConsoleContext, type Verb } from './verb.ts';
import { watchVerb } from './watch-verb.ts';

export const VERBS: readonly Verb[] = [...QUERY_VERBS, ...LIFECYCLE_VERBS, ...COMMAND_VERBS, watchVerb];
/** The session handles these itself. */
const HELP = ['help', '?'];
const QUIT = ['quit', 'exit'];
const NAMES = [...VERBS.map(({ name }) => name), 'help', ...QUIT];

/** Milliseconds: nothing can be typed while a completion is awaited. */
const COMPLETION_TIMEOUT = 3_000;

/** Runs the lines of one console, one after the other. */
export class ConsoleSession {
  readonly #prompter: Prompter;
  readonly #context: ConsoleContext;
  readonly #stop: AbortSignal;
  #running = new AbortController();

  constructor(options: {
    daemon: Daemon;
    prompter: Prompter;
    print: (text: string) => void;
    /** Ends the session. */
    stop: AbortSignal;
  }) {
    const { daemon, prompter } = options;
    this.#prompter = prompter;
    this.#stop = options.stop;
    this.#context = {
      daemon,
      interactive: prompter.interactive,
      selected: undefined,
      print: (text) => options.print(`${text}\n`),
      ask: (question, choices) => this.#ask(question, choices),
      waitForKey: (signal) => prompter.waitForKey(signal),
    };
    prompter.onInterrupt = () => this.#running.abort();
    options.stop.addEventListener('abort', () => this.#running.abort());
  }

  /** Runs lines until `quit`, the end of the input, or a script's first failure; it throws that as a {@link CommandError} with the line. */
  async run(): Promise<void> {
    if (this.#context.interactive) await this.#greet();
    while (!this.#isOver()) {
      const line = await this.#next();
      if (line === undefined) return;
      const number = this.#prompter.count;
      this.#running = new AbortController();
      if (this.#isOver()) return;
      try {
        if ((await this.#perform(line)) === 'quit') return;
      } catch (error) {
        if (error instanceof Interrupted || this.#running.signal.aborted) continue;
        if (!(error instanceof CommandError)) throw error;
        if (!this.#context.interactive)
          throw new CommandError(`line ${number}: ${printable(line)}: ${error.message}`);
        this.#context.print(error.message);
      }
    }
  }

  /** A call: the compiler would take the first answer for the value after the awaits. */
  #isOver(): boolean {
    return this.#stop.aborted;
  }

  async #next(): Promise<string | undefined> {
    const { selected } = this.#context;
    try {
      return await this.#prompter.read(
        selected === undefined ? 'compositord> ' : `compositord ${selected}> `,
        {
          remember: true,
          complete: (typed) => completionsOf(typed, { verbs: VERBS, names: NAMES, ids: () => this.#ids() }),
        },
      );
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      this.#context.print('quit, exit or Ctrl-D ends.');
      return '';
    }
  }

  async #perform(line: string): Promise<'quit' | undefined> {
    const [first] = wordsOf(line, 1);
    if (first === undefined || first.startsWith('#')) return undefined;
    if (QUIT.includes(first)) return 'quit';
    if (HELP.includes(first)) {
      this.#context.print(helpText());
      return undefined;
    }
    const verb = VERBS.find(({ name, alias }) => name === first || alias === first);
    if (!verb)
      throw new CommandError(
        `there is no ${printable(first)}.${didYouMean(first, NAMES)} help lists the commands.`,
      );
    await verb.run({ context: this.#context, words: wordsFor(verb, line), signal: this.#running.signal });
    return undefined;
  }

  async #ask(question: string, choices: readonly string[] = []): Promise<string> {
    const answer = await this.#prompter.read(question, {
      complete: async (typed) => [choices.filter((choice) => choice.startsWith(typed)), typed],
    });
    if (answer === undefined)
      throw this.#context.interactive
        ? new Interrupted()
        : new CommandError(`no line answers: ${question.trim()}`);
    return answer.trim();
  }

  async #ids(): Promise<string[]> {
    const { daemon } = this.#context;
    // On failure there are no completions: a message would disturb the line that is being typed.
    const all = await daemon.compositors(AbortSignal.timeout(COMPLETION_TIMEOUT)).catch(() => []);
    return all.map(({ id }) => id);
  }

  async #greet(): Promise<void> {
    const { daemon } = this.#context;
    try {
      const { name, version, compositors } = await daemon.health(this.#stop);
      this.#context.print(
        printable(
          `${String(name)} ${String(version)} at ${daemon.url}, ${String(compositors)} compositors. help lists the commands.`,
        ),
      );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      // Not fatal: the daemon may come back, and each line sends a new request.
      this.#context.print(error.message);
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
