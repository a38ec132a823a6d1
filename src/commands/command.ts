import type { Flags } from '../config/from-flags.ts';
import type { Terminal } from './terminal.ts';

/** How a process ended: done, failed, or it was asked the wrong way. */
export const OK = 0;
export const FAILED = 1;
export const USAGE = 2;

export interface Arguments {
  /** Every value of every flag; `true` for a switch. */
  readonly flags: Flags;
  readonly operands: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly help: string;
  /** Flags with a value, and those without one. */
  readonly values: readonly string[];
  readonly switches: readonly string[];
  /** How many operands (FILE) it takes, exactly; with `more`, at least. */
  readonly operands: number;
  readonly more?: boolean;
  /** The exit code; undefined while it goes on until a signal. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number | undefined>;
}
