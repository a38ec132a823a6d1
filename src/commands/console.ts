import { setImmediate as nextTurn } from 'node:timers/promises';
import { baseUrl } from './base-url.ts';
import { clientToken, TOKEN_FLAG, TOKEN_HELP } from './client-token.ts';
import { FAILED, OK, USAGE, type Command } from './command.ts';
import { ConsoleSession } from './console/console-session.ts';
import { Daemon } from './console/daemon.ts';
import { Prompter } from './console/prompter.ts';
import { Trouble } from './console/trouble.ts';
import type { Terminal } from './terminal.ts';

const DEFAULT_URL = 'http://127.0.0.1:8760';
const GRACE = 5;

export const console: Command = {
  name: 'console',
  summary: 'Register, watch and command compositors, line by line.',
  help: `Usage: compositord console [--url URL] [--token TOKEN]

On a terminal: lines with completion (Tab) and history (the arrows; it is not kept); help shows them.
Elsewhere the lines of a script, from standard input, without questions; it ends with 1 at the first that fails, and says
which. Lines that begin with # are comments.

  --url URL              The daemon, by default ${DEFAULT_URL}.
${TOKEN_HELP}
`,
  values: ['url', TOKEN_FLAG],
  switches: [],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const text = flags['url']?.at(-1) ?? DEFAULT_URL;
    const url = baseUrl(text);
    if (url === undefined) {
      terminal.stderr(`--url: must be an http(s) address, not ${JSON.stringify(text)}\n`);
      return USAGE;
    }
    const token = clientToken(flags, terminal);
    if ('problem' in token) {
      terminal.stderr(`${token.problem}\n`);
      return USAGE;
    }
    const stop = new AbortController();
    const run = talk(new Daemon({ url, ...token }), terminal, stop.signal);
    terminal.onStop(GRACE, async () => {
      stop.abort();
      await run;
      // The run's own exit code ends the process before this does.
      await nextTurn();
    });
    return run;
  },
};

async function talk(daemon: Daemon, terminal: Terminal, stop: AbortSignal): Promise<number> {
  const prompter = new Prompter(terminal.dialogue());
  // Whoever waits for the next line hears of it; and the terminal is as it was.
  stop.addEventListener('abort', () => prompter.close());
  const session = new ConsoleSession({ daemon, prompter, print: terminal.stdout, stop });
  try {
    await session.run();
    // A script that was cut off has not done what it says.
    return stop.aborted && !prompter.interactive ? FAILED : OK;
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    terminal.stderr(`compositord console: ${error.message}\n`);
    return FAILED;
  } finally {
    prompter.close();
  }
}
