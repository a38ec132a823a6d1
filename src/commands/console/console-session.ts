import { printable } from '../printable.ts';
import { didYouMean } from '../../config/did-you-mean.ts';
import { completionsOf } from './completions.ts';
import type { Daemon } from './daemon.ts';
import { LIFE_VERBS } from './life-verbs.ts';
import { LOOK_VERBS } from './look-verbs.ts';
import type { Prompter } from './prompter.ts';
import { SEND_VERBS } from './send-verbs.ts';
import { Interrupted, Trouble } from './trouble.ts';
import type { Desk, Verb } from './verb.ts';
import { watchVerb } from './watch-verb.ts';
import { wordsOf } from './words.ts';

export const VERBS: readonly Verb[] = [...LOOK_VERBS, ...LIFE_VERBS, ...SEND_VERBS, watchVerb];
/** These need nothing but the session. */
const HELP = ['help', '?'];
const QUIT = ['quit', 'exit'];
const NAMES = [...VERBS.map(({ name }) => name), 'help', ...QUIT];

/** Milliseconds that a completion may take: whoever waits for it cannot type. */
const COMPLETION = 3_000;

/** What was said at one console: a line at a time, each done before the next. */
export class ConsoleSession {
  readonly #prompter: Prompter;
  readonly #desk: Desk;
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
    this.#desk = {
      daemon,
      interactive: prompter.interactive,
      selected: undefined,
      print: (text) => options.print(`${text}\n`),
      ask: (question, choices) => this.#ask(question, choices),
      pressed: (signal) => prompter.pressed(signal),
    };
    prompter.onInterrupt = () => this.#running.abort();
    options.stop.addEventListener('abort', () => this.#running.abort());
  }

  /** Runs lines until `quit`, the end of the input, or a script's first failure; that is thrown as a {@link Trouble}, with its line. */
  async run(): Promise<void> {
    if (this.#desk.interactive) await this.#greet();
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
        if (!(error instanceof Trouble)) throw error;
        if (!this.#desk.interactive)
          throw new Trouble(`line ${number}: ${printable(line)}: ${error.message}`);
        this.#desk.print(error.message);
      }
    }
  }

  /** Asked anew each time: it changes while a line is waited for. */
  #isOver(): boolean {
    return this.#stop.aborted;
  }

  async #next(): Promise<string | undefined> {
    const { selected } = this.#desk;
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
      this.#desk.print('quit, exit or Ctrl-D ends.');
      return '';
    }
  }

  async #perform(line: string): Promise<'quit' | undefined> {
    const [first] = wordsOf(line, 1);
    if (!first || first.text.startsWith('#')) return undefined;
    if (QUIT.includes(first.text)) return 'quit';
    if (HELP.includes(first.text)) {
      this.#desk.print(helpText());
      return undefined;
    }
    const verb = VERBS.find(({ name, alias }) => name === first.text || alias === first.text);
    if (!verb)
      throw new Trouble(
        `there is no ${printable(first.text)}.${didYouMean(first.text, NAMES)} help shows what there is.`,
      );
    const words = wordsOf(line, verb.split === undefined ? Infinity : verb.split + 1).slice(1);
    if (words.length < verb.least || words.length > verb.most)
      throw new Trouble(`it is: ${verb.name} ${verb.usage}`);
    await verb.run({ desk: this.#desk, words, signal: this.#running.signal });
    return undefined;
  }

  async #ask(question: string, choices: readonly string[] = []): Promise<string> {
    const answer = await this.#prompter.read(question, {
      complete: async (typed) => [choices.filter((choice) => choice.startsWith(typed)), typed],
    });
    if (answer === undefined)
      throw this.#desk.interactive ? new Interrupted() : new Trouble(`no line answers: ${question.trim()}`);
    return answer.trim();
  }

  async #ids(): Promise<string[]> {
    const { daemon } = this.#desk;
    // Without an answer there is nothing to complete, and no message belongs into a line that is being typed.
    const all = await daemon.compositors(AbortSignal.timeout(COMPLETION)).catch(() => []);
    return all.map(({ id }) => id);
  }

  async #greet(): Promise<void> {
    const { daemon } = this.#desk;
    try {
      const { name, version, compositors } = await daemon.health(this.#stop);
      this.#desk.print(
        printable(
          `${String(name)} ${String(version)} at ${daemon.url}, ${String(compositors)} compositors. help shows what there is.`,
        ),
      );
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      // It may come back: each line asks anew.
      this.#desk.print(error.message);
    }
  }
}

function helpText(): string {
  const rows = [
    ...VERBS.map(({ name, usage, summary }) => [`${name} ${usage}`, summary] as const),
    ['help', 'This.'] as const,
    ['quit, exit', 'Ends; so does Ctrl-D.'] as const,
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join('\n');
}
