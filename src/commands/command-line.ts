import { didYouMean } from '../config/did-you-mean.ts';
import { CommandError, FAILED, OK, USAGE, UsageError, type Command } from './command.ts';
import { parseArguments } from './parse-arguments.ts';
import type { Terminal } from './terminal.ts';

/** Each is loaded when it is asked for: the daemon needs none of the others. */
const COMMANDS = {
  serve: async () => (await import('./serve.ts')).serve,
  check: async () => (await import('./check.ts')).check,
  console: async () => (await import('./console.ts')).console,
  replay: async () => (await import('./replay.ts')).replay,
  watch: async () => (await import('./watch.ts')).watch,
  verify: async () => (await import('./verify.ts')).verify,
  token: async () => (await import('./token.ts')).token,
};

/** Runs the command in `argv`, which has no program name. Resolves to the exit code, or to undefined while it goes on. */
export async function commandLine(argv: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [first = '', ...rest] = argv;
  const named = first !== '' && !first.startsWith('-');
  const prefix = named ? `compositord ${first}` : 'compositord';
  try {
    if (named) return await run(await commandNamed(first), rest, terminal);
    if (argv.some((arg) => arg === '--help' || arg === '-h')) terminal.stdout(await overview());
    else if (argv.some((arg) => arg === '--version' || arg === '-V'))
      terminal.stdout(`compositord ${terminal.version}\n`);
    else return await run(await COMMANDS.serve(), argv, terminal);
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

async function commandNamed(name: string): Promise<Command> {
  if (isCommand(name)) return COMMANDS[name]();
  const suggestion = didYouMean(name, Object.keys(COMMANDS));
  throw new UsageError(
    `compositord: there is no command ${JSON.stringify(name)}.${suggestion}\nSee compositord --help.`,
  );
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  return `compositord: many compositors, one live, versioned map.

Usage: compositord [serve] [flags]
       compositord <command> [flags]

Commands
${commands.map(({ name, summary }) => `  ${name.padEnd(8)} ${summary}`).join('\n')}

  compositord <command> --help says more, --version prints the version.

Exit codes: 0 done, 1 failed, 2 wrong flags or configuration.
`;
}
