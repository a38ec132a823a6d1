import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../config/from-environment.ts';
import type { ReadFile } from '../config/read-file.ts';
import { Stopped } from './stopped.ts';

/** Everything that a command uses of its process. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** stderr is a terminal: lines may be drawn over. */
  readonly isTTY: boolean;
  readonly columns: number;
  /** The present size of the terminal that shows stdout; undefined when stdout is not a terminal. */
  readonly screen: () => { readonly columns: number; readonly rows: number } | undefined;
  /** Colours a text for stdout, unless stdout is not a terminal or NO_COLOR is set. */
  readonly colour: (colour: 'red' | 'green' | 'yellow', text: string) => string;
  /** The source of lines, and where they are echoed; `interactive` when a person types them. */
  readonly dialogue: () => {
    readonly input: Readable;
    readonly output: Writable;
    readonly interactive: boolean;
  };
  readonly env: Environment;
  /** Relative paths start in the working directory. */
  readonly readFile: ReadFile;
  readonly version: string;
  /**
   * From now on the first SIGTERM or SIGINT (or an uncaught error) calls `close` with the signal and ends the process when
   * that is done, with 0 after a signal. A second signal ends it at once, and so do `grace` seconds. SIGHUP calls `reload`,
   * unless it comes because the terminal was closed.
   */
  readonly onStop: (grace: number, close: (signal?: string) => Promise<void>, reload?: () => void) => void;
}

/** Runs a command that SIGTERM or Ctrl-C ends early: it then has `grace` seconds to clean up. */
export async function runUntilStopped(
  terminal: Terminal,
  grace: number,
  run: (stop: AbortController) => Promise<number>,
): Promise<number> {
  const stop = new AbortController();
  // Many requests may listen to it at once.
  setMaxListeners(0, stop.signal);
  const running = run(stop);
  terminal.onStop(grace, async (signal) => {
    stop.abort(new Stopped(signal));
    await running;
    // Lets the command's own exit code end the process before the signal's does.
    await nextTurn();
  });
  return running;
}
