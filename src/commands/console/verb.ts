import type { Daemon } from './daemon.ts';
import type { Word } from './words.ts';

/** What verbs share: the daemon, the compositor that is meant when none is named, and whoever sits in front of it. */
export interface Desk {
  readonly daemon: Daemon;
  /** A person types; else the lines are a script. */
  readonly interactive: boolean;
  /** `use` set it. */
  selected: string | undefined;
  /** Prints a line, or several; what others have said in it must be printable. */
  print(text: string): void;
  /** Asks for one more line, which may be empty. Ctrl-C and the end of the input reject. */
  ask(question: string, choices?: readonly string[]): Promise<string>;
  /** Resolves at the next Enter or Ctrl-C, or when the signal fires. */
  pressed(signal: AbortSignal): Promise<void>;
}

export interface Call {
  readonly desk: Desk;
  /** What follows the verb. */
  readonly words: readonly Word[];
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

export interface Verb {
  readonly name: string;
  readonly alias?: string;
  /** What may follow its name. */
  readonly usage: string;
  readonly summary: string;
  /** Its first word is the id of a compositor. */
  readonly takesId?: boolean;
  /** How many words may follow. */
  readonly least: number;
  readonly most: number;
  /** After this many the rest of the line is one word, as it was typed. */
  readonly split?: number;
  run(call: Call): Promise<void>;
}
