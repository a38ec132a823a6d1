import type { ReadFile } from '../../config/read-file.ts';
import { isCompositorId } from '../../domain/compositor.ts';
import { CommandError } from '../command.ts';
import { printable } from '../printable.ts';
import type { Daemon } from './daemon.ts';
import { wordsOf } from './line.ts';

/** What the verbs share: the daemon, the selected compositor, and the user's terminal. */
export interface ConsoleContext {
  readonly daemon: Daemon;
  /** A person types; otherwise the lines are a script. */
  readonly interactive: boolean;
  /** Relative paths start in the working directory. */
  readonly readFile: ReadFile;
  /** The id that `use` selected. */
  selected: string | undefined;
  /** Prints one or more lines; text of others in them must be {@link printable}. */
  print(text: string): void;
  /** Asks for one more line, which may be empty. Rejects on Ctrl-C and at the end of the input. */
  ask(question: string, choices?: readonly string[]): Promise<string>;
  /** Resolves at the next Enter or Ctrl-C, or when the signal aborts. */
  waitForKey(signal: AbortSignal): Promise<void>;
}

export interface Call {
  readonly context: ConsoleContext;
  /** The words after the verb. */
  readonly words: readonly string[];
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Verb {
  readonly name: string;
  readonly alias?: string;
  /** The words after its name: `<id>` must be there, `[id]` and `[id|all]` may be; `[json]` is the rest of the line, unchanged. */
  readonly usage: string;
  readonly summary: string;
  run(call: Call): Promise<void>;
}

/** Whether the first word means every compositor. */
export function meansAll({ words }: Call): boolean {
  return words[0]?.toLowerCase() === 'all';
}

/** Reports what failed with some of several compositors; the others were not held up. */
export function throwFailures(failures: readonly string[]): void {
  if (failures.length > 0) throw new CommandError(failures.join('\n'));
}

/** The id in the first word, else the selected one. */
export function targetId({ context, words }: Call): string {
  const [first] = words;
  if (first !== undefined) return parseId(first);
  if (context.selected === undefined) throw new CommandError('say which one, or select it with: use <id>');
  return context.selected;
}

/** Ids are in lower case, however they are typed. */
export function parseId(text: string): string {
  const id = text.toLowerCase();
  if (!isCompositorId(id))
    throw new CommandError(`${JSON.stringify(printable(text))} is no id; list shows them`);
  return id;
}

/** The words of a line for `verb`, after its name. Throws when they are too few or too many for its usage. */
export function wordsFor({ name, usage }: Verb, line: string): string[] {
  const places = usage.split(' ');
  const rest = places.indexOf('[json]');
  const words = wordsOf(line, rest < 0 ? Infinity : rest + 1).slice(1);
  const least = places.filter((place) => place.startsWith('<')).length;
  const most = usage.endsWith('...') ? Infinity : places.length;
  if (words.length < least || words.length > most) throw new CommandError(`usage: ${name} ${usage}`);
  return words;
}
