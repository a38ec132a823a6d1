import { clientOptions, TOKEN_FLAG, URL_FLAG } from './client-options.ts';
import { exitCodeOf, OK, type Command } from './command.ts';
import { ConsoleSession } from './console/console-session.ts';
import { Daemon } from './console/daemon.ts';
import { Prompter } from './console/prompter.ts';
import { runUntilStopped, type Terminal } from './terminal.ts';

/** Seconds to clean up after SIGTERM. */
const GRACE = 5;

export const console: Command = {
  name: 'console',
  summary: 'Register, watch and command compositors, line by line.',
  about: `On a terminal: lines with completion (Tab) and history (arrow keys; it is not saved). The line help lists them.
Elsewhere standard input is a script: one line after the other, without questions. The first line that fails is reported
and ends it with 1. Lines that begin with # are comments.`,
  flags: [URL_FLAG, TOKEN_FLAG],
  run: async ({ flags }, terminal) => {
    const daemon = new Daemon(clientOptions(flags, terminal));
    return runUntilStopped(terminal, GRACE, ({ signal }) => run(daemon, terminal, signal));
  },
};

async function run(daemon: Daemon, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const prompter = new Prompter(terminal.dialogue());
  // Ends the wait for the next line, and restores the terminal.
  stop.addEventListener('abort', () => prompter.close());
  const session = new ConsoleSession({
    daemon,
    prompter,
    print: terminal.stdout,
    readFile: terminal.readFile,
    stop,
  });
  try {
    await session.run();
    // A script that was interrupted has failed: not all of it was done.
    return stop.aborted && !prompter.interactive ? exitCodeOf(stop) : OK;
  } finally {
    prompter.close();
  }
}
