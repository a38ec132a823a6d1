import { didYouMean } from '../config/did-you-mean.ts';
import { check } from './check.ts';
import { CommandError, FAILED, OK, USAGE, UsageError, type Command } from './command.ts';
import { console } from './console.ts';
import { parseArguments } from './parse-arguments.ts';
import { replay } from './replay.ts';
import { serve } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { token } from './token.ts';
import { verify } from './verify.ts';
import { watch } from './watch.ts';

const COMMANDS: readonly Command[] = [serve, check, console, replay, watch, verify, token];

/** Runs the command in `argv`, which has no program name. Resolves to the exit code, or to undefined while it goes on. */
export async function commandLine(argv: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [first = '', ...rest] = argv;
  const named = first !== '' && !first.startsWith('-');
  const prefix = named ? `compositord ${first}` : 'compositord';
  try {
    if (named) return await run(commandNamed(first), rest, terminal);
    if (argv.some((arg) => arg === '--help' || arg === '-h')) terminal.stdout(overview());
    else if (argv.some((arg) => arg === '--version' || arg === '-V'))
      terminal.stdout(`compositord ${terminal.version}\n`);
    else return await run(serve, argv, terminal);
    return OK;
  } catch (error) {
    if (error instanceof UsageError) {
      terminal.stderr(`${error.message}\n`);
      return USAGE;
    }
    if (!(error instanceof CommandError)) throw error;
    terminal.stderr(`${prefix}: ${error.message}\n`);
    return FAILED;
  }
}

async function run(command: Command, argv: readonly string[], terminal: Terminal) {
  const args = parseArguments(command, argv);
  if (!args.flags['help']) return command.run(args, terminal);
  terminal.stdout(command.help);
  return OK;
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name);
  if (command) return command;
  const suggestion = didYouMean(
    name,
    COMMANDS.map((one) => one.name),
  );
  throw new UsageError(
    `compositord: there is no command ${JSON.stringify(name)}.${suggestion}\nSee compositord --help.`,
  );
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
