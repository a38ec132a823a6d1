#!/usr/bin/env node
import { isDaemon, releaseSignals } from './early-signals.ts';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { styleText } from 'node:util';
import closeWithGrace from 'close-with-grace';
import { asErrors, isJournal, withPriority } from './adapters/journal.ts';
import { stderrDestination } from './adapters/log-destination.ts';
import { commandLine } from './commands/command-line.ts';
import type { Terminal } from './commands/terminal.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const journal = isJournal(2, process.env['JOURNAL_STREAM']);
if (journal) stderrDestination().format = withPriority;
const complain = (text: string) => process.stderr.write(journal ? asErrors(text) : text);

const terminal: Terminal = {
  stdout: (text) => process.stdout.write(text),
  stderr: complain,
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
        logger: { error: (message: unknown) => complain(`compositord: ${String(message)}\n`) },
      },
      async ({ err, signal }) => {
        if (err) complain(`${err.stack ?? err.message}\n`);
        await close(signal);
      },
    );
    // Both handlers were there for a moment: none is missed, and the early one would have ended the process.
    if (releaseSignals()) process.kill(process.pid, 'SIGHUP');
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

function cannotWrite({ code, message }: NodeJS.ErrnoException): void {
  // It said where it serves; that nobody heard it is no reason to end.
  if (isDaemon) return;
  // `compositord check | head -1` closes the pipe: that is not a failure.
  if (code === 'EPIPE') process.exit(0);
  complain(`compositord: cannot write to stdout: ${code ?? message}\n`);
  process.exit(1);
}

process.stdout.on('error', cannotWrite);
// There is nowhere left to say it.
process.stderr.on('error', () => undefined);

const code = await commandLine(process.argv.slice(2), terminal);
// A pipe takes 64 KiB, and the end of the process would cut off what waits for whoever reads it.
if (code !== undefined && !isDaemon) await new Promise((resolve) => process.stdout.write('', resolve));
// The event of what was just written comes later than the end.
if (process.stdout.errored) cannotWrite(process.stdout.errored);
// Without exit, an idle keep-alive connection would keep the process alive for seconds.
if (code !== undefined) process.exit(code);
