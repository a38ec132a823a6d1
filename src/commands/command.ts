import type { Flags } from '../config/from-flags.ts';
import type { Terminal } from './terminal.ts';

/** Exit codes: done, failed, wrong flags or configuration. */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

export interface Arguments {
  /** All values of each flag; `true` for a switch. */
  readonly flags: Flags;
  readonly operands: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  /** Flags with a value, and flags without one. */
  readonly values: readonly string[];
  readonly switches: readonly string[];
  /** The number of operands (FILE); with `more` it is the minimum. */
  readonly operands: number;
  readonly more?: boolean;
  /** Resolves to the exit code, or to undefined when the process goes on until a signal. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number | undefined>;
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
