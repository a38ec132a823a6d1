import { didYouMean } from '../config/did-you-mean.ts';
import { formatProblem } from '../config/problem.ts';
import { check } from './check.ts';
import { OK, USAGE, type Command } from './command.ts';
import { console } from './console.ts';
import { parseArguments } from './parse-arguments.ts';
import { replay } from './replay.ts';
import { serve } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { token } from './token.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

const COMMANDS: readonly Command[] = [serve, check, console, replay, watch, verify, token];

/** Runs what `argv` (without the program) asks for. The exit code; undefined while it goes on until a signal. */
export async function commandLine(argv: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [first = '', ...rest] = argv;
  const named = first !== '' && !first.startsWith('-');
  if (!named && argv.some((arg) => arg === '--help' || arg === '-h')) {
    terminal.stdout(overview());
    return OK;
  }
  if (!named && argv.some((arg) => arg === '--version' || arg === '-V')) {
    terminal.stdout(`compositord ${terminal.version}\n`);
    return OK;
  }
  const command = named ? COMMANDS.find(({ name }) => name === first) : serve;
  if (!command) {
    const names = COMMANDS.map(({ name }) => name);
    terminal.stderr(
      `compositord: there is no command ${JSON.stringify(first)}.${didYouMean(first, names)}\n`,
    );
    terminal.stderr('See compositord --help.\n');
    return USAGE;
  }
  const args = parseArguments(command, named ? rest : argv);
  if ('problems' in args) {
    terminal.stderr(args.problems.map((problem) => `${formatProblem(problem)}\n`).join(''));
    return USAGE;
  }
  if (args.flags['help']) {
    terminal.stdout(command.help);
    return OK;
  }
  return command.run(args, terminal);
}

function overview(): string {
  return `compositord: many compositors, one live, versioned map.

Usage: compositord [serve] [flags]
       compositord <command> [flags]

Commands
${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join('\n')}

  compositord <command> --help says more, --version prints the version.

Exit codes: 0 done, 1 failed, 2 wrong flags or configuration.
`;
}
