import { didYouMean } from '../config/did-you-mean.ts';
import { CommandError, FAILED, OK, USAGE, UsageError, type Command } from './command.ts';
import { helpCommand, helpOf, helpWidth, overview } from './help.ts';
import { parseArguments } from './parse-arguments.ts';
import { flagsTakenByNpm, RUN_BY_NPM } from './npm-flags.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Each is loaded when it is asked for: the daemon needs none of the others. */
const COMMANDS = {
  serve: async () => (await import('./serve.ts')).serve,
  check: async () => (await import('./check.ts')).check,
  console: async () => (await import('./console.ts')).console,
  import: async () => (await import('./import.ts')).importFile,
  export: async () => (await import('./export.ts')).exportFile,
  replay: async () => (await import('./replay.ts')).replay,
  watch: async () => (await import('./watch.ts')).watch,
  verify: async () => (await import('./verify.ts')).verify,
  backup: async () => (await import('./backup.ts')).backup,
  restore: async () => (await import('./restore.ts')).restore,
  inspect: async () => (await import('./inspect.ts')).inspect,
  token: async () => (await import('./token.ts')).token,
  completion: async () => (await import('./completion.ts')).completionCommand(allCommands),
  help: async (): Promise<Command> => helpCommand(NAMES, { one: commandNamed, all: allCommands }),
  version: async () => version,
};

const NAMES = Object.keys(COMMANDS);

/** What programs of this kind are often called by, and what it is here. */
const OTHER_NAMES: Readonly<Record<string, keyof typeof COMMANDS>> = {
  start: 'serve',
  run: 'serve',
  daemon: 'serve',
  config: 'check',
  validate: 'check',
  list: 'console',
  register: 'console',
  tail: 'watch',
  follow: 'watch',
  save: 'backup',
  load: 'import',
};

/** Runs the command in `argv`, which has no program name. Resolves to the exit code, or to undefined while it goes on. */
export async function commandLine(argv: readonly string[], terminal: Terminal): Promise<number | undefined> {
  const [first = '', ...rest] = argv;
  const named = first !== '' && !first.startsWith('-');
  const prefix = named ? `compositord ${first}` : 'compositord';
  try {
    if (terminal.env[RUN_BY_NPM] !== undefined) {
      const lost = flagsTakenByNpm(argv, terminal.env, await COMMANDS[isCommand(first) ? first : 'serve']());
      if (lost !== undefined) throw new UsageError(lost);
    }
    if (named) return await run(await commandNamed(first), rest, terminal);
    if (argv.some((arg) => arg === '--help' || arg === '-h')) {
      terminal.stdout(overview(await allCommands(), helpWidth(terminal.screen()?.columns)));
      return OK;
    }
    if (argv.some((arg) => ['--version', '-V', '-v'].includes(arg))) return await run(version, [], terminal);
    return await run(await COMMANDS.serve(), argv, terminal, NAMES);
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

/** `names`: those of commands, which are no operands of this one. */
async function run(command: Command, argv: readonly string[], terminal: Terminal, names?: readonly string[]) {
  const args = parseArguments(command, argv, names);
  if (!args.flags['help']) return command.run(args, terminal);
  terminal.stdout(helpOf(command, helpWidth(terminal.screen()?.columns)));
  return OK;
}

async function allCommands(): Promise<Command[]> {
  return Promise.all(Object.values(COMMANDS).map((load) => load()));
}

async function commandNamed(name: string): Promise<Command> {
  if (isCommand(name)) return COMMANDS[name]();
  const other = Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : undefined;
  const suggestion = other === undefined ? didYouMean(name, NAMES) : ` Did you mean ${other}?`;
  const isFile = /\.ya?ml$/.test(name);
  throw new UsageError(
    `compositord: there is no command ${JSON.stringify(name)}.${isFile ? ` Did you mean --config=${name}?` : suggestion}
See compositord --help.`,
  );
}

function isCommand(name: string): name is keyof typeof COMMANDS {
  return Object.hasOwn(COMMANDS, name);
}
