#!/usr/bin/env node
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
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
  // It obeys NO_COLOR, and adds nothing when stdout is not a terminal.
  colour: (colour, text) => styleText(colour, text, { stream: process.stdout }),
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
        // An empty event loop is not a signal: the command's own exit code counts. And a handler of a fault would return
        // to where it happened, and cause the same fault for ever.
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

/** Replaces closed terminals by /dev/null: a write to one throws, and Node 20 spins at its exit when it cannot reset one. */
function replaceClosedTerminals(): boolean {
  const closed = terminals.filter((fd) => !isatty(fd));
  for (const fd of closed) {
    closeSync(fd);
    openSync('/dev/null', 'r+');
  }
  return closed.length > 0;
}

process.on('exit', replaceClosedTerminals);

/** SIGHUP because the terminal was closed ends the command; any other SIGHUP reloads, if there is a `reload`. */
function onHangup(reload?: () => void): void {
  process.on('SIGHUP', () => {
    if (!replaceClosedTerminals() && reload) reload();
    else process.kill(process.pid, 'SIGTERM');
  });
}

// `compositord check | head -1` closes the pipe: that is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const code = await commandLine(process.argv.slice(2), terminal);
// Without exit, an idle keep-alive connection would keep the process alive for seconds.
if (code !== undefined) process.exit(code);
