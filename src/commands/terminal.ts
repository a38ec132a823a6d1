import type { Readable, Writable } from 'node:stream';
import type { Environment } from '../config/from-environment.ts';
import type { ReadFile } from '../config/read-file.ts';

/** All that a command knows of the process it runs in. */
export interface Terminal {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Somebody looks at stderr: lines may be drawn over. */
  readonly isTTY: boolean;
  readonly columns: number;
  /** The size of what shows stdout, as it is now; undefined when nobody looks at it. */
  readonly screen: () => { readonly columns: number; readonly rows: number } | undefined;
  /** Where lines come from, and where they are echoed; `interactive` when a person types them. */
  readonly dialogue: () => {
    readonly input: Readable;
    readonly output: Writable;
    readonly interactive: boolean;
  };
  readonly env: Environment;
  /** Relative paths begin in the working directory. */
  readonly readFile: ReadFile;
  /** The program's version. */
  readonly version: string;
  /**
   * From now on the first SIGTERM or SIGINT (or an uncaught error) calls `close` and ends the process when it is
   * done, with 0 after a signal; a second one, or `grace` seconds, end it at once. With `reload`, SIGHUP calls that,
   * unless it says that the terminal has gone.
   */
  readonly onStop: (grace: number, close: () => Promise<void>, reload?: () => void) => void;
}
