#!/usr/bin/env node
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import closeWithGrace from 'close-with-grace';
import { commandLine } from './commands/command-line.ts';
import type { Terminal } from './commands/terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const terminal: Terminal = {
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  isTTY: process.stderr.isTTY,
  columns: process.stderr.columns || 80,
  screen: () => {
    const { isTTY, columns, rows } = process.stdout;
    return isTTY ? { columns: columns || 80, rows: rows || 24 } : undefined;
  },
  dialogue: () => ({
    input: process.stdin,
    output: process.stdout,
    interactive: process.stdin.isTTY && process.stdout.isTTY,
  }),
  env: process.env,
  readFile: (path) => readFileSync(path, 'utf8'),
  version,
  onStop: (grace, close, reload) => {
    onHangup(reload);
    closeWithGrace(
      {
        delay: grace * 1000,
        // An empty event loop is no signal: the command's own exit code stands. And who handles a fault goes on where it
        // happened, into the same one, for ever.
        skip: ['beforeExit', 'SIGHUP', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'],
        logger: { error: (message: unknown) => process.stderr.write(`compositord: ${String(message)}\n`) },
      },
      async ({ err }) => {
        if (err) process.stderr.write(`${err.stack ?? err.message}\n`);
        await close();
      },
    );
  },
};

const terminals = [0, 1, 2].filter((fd) => isatty(fd));

/** Lets go of terminals that are gone, if any: a line written to one throws, and Node 20 spins at its exit when it cannot reset one. */
function leaveGoneTerminals(): boolean {
  const gone = terminals.filter((fd) => !isatty(fd));
  for (const fd of gone) {
    closeSync(fd);
    openSync('/dev/null', 'r+');
  }
  return gone.length > 0;
}

process.on('exit', leaveGoneTerminals);

/** Whoever closes the terminal that a command runs in wants its end; anyone else who sends SIGHUP wants a reload, if there is one. */
function onHangup(reload?: () => void): void {
  process.on('SIGHUP', () => {
    if (!leaveGoneTerminals() && reload) reload();
    else process.kill(process.pid, 'SIGTERM');
  });
}

// `compositord check | head -1` closes the pipe: that is no failure, and nobody is left to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await commandLine(process.argv.slice(2), terminal);
// At once: an idle keep-alive connection would hold the process for seconds.
if (code !== undefined) process.exit(code);
