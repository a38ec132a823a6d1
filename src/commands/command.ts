import type { Flags } from '../config/from-flags.ts';
import { Stopped } from './stopped.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: done, failed, wrong flags or configuration. */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

/** That of a command that was not done when this signal was aborted: as a shell says of a program that a signal has killed. */
export function exitCodeOf({ reason }: AbortSignal): number {
  if (!(reason instanceof Stopped) || reason.signal === undefined) return FAILED;
  return 128 + (reason.signal === 'SIGINT' ? 2 : 15);
}

export interface Arguments {
  /** All values of each flag; `true` for a switch. */
  readonly flags: Flags;
  readonly operands: readonly string[];
}

/** What a shell offers to complete a value: one of these words, or files. */
export type Offers = readonly string[] | 'file';

/** A flag. The parser, the help and the completion of shells are made from it. */
export interface Flag {
  /** Without dashes. */
  readonly name: string;
  readonly text: string;
  /** What its value is called in the help, such as `URL`; a flag without it takes no value. */
  readonly value?: string;
  /** The value when it is not given. */
  readonly preset?: string;
  readonly offers?: Offers;
}

export interface FlagGroup {
  readonly heading: string;
  readonly flags: readonly Flag[];
}

export interface Operands {
  /** In the usage, such as `FILE` or `URL [URL...]`. */
  readonly text: string;
  readonly least: number;
  readonly most: number;
  readonly offers?: Offers;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs of the help; lines that begin with a space stay as they are. */
  readonly about: string;
  /** More of them, below the flags. */
  readonly after?: string;
  readonly flags: readonly Flag[];
  readonly groups?: readonly FlagGroup[];
  /** Flags that it takes, too, and that the help of another command lists. */
  readonly unlisted?: readonly Flag[];
  /** Absent: none. */
  readonly operands?: Operands;
  /** Resolves to the exit code, or to undefined when the process goes on until a signal. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number | undefined>;
}

/** Each flag that it takes, once. */
export function flagsOf({ flags, groups = [], unlisted = [] }: Command): Flag[] {
  const all = [...flags, ...groups.flatMap((group) => group.flags), ...unlisted];
  return [...new Map(all.map((flag) => [flag.name, flag])).values()];
}

/** The flags, operands or configuration are wrong: the process prints the message and exits with {@link USAGE}. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * The command failed, and its user can see why from the message: the process prints it without a stack and exits with
 * {@link FAILED}. The message must be safe to print on a terminal.
 */
export class CommandError extends Error {
  override name = 'CommandError';
}
