import type { Environment } from '../config/from-environment.ts';
import { flagsOf, type Command } from './command.ts';

/** What npm sets for a script that it runs: the name of the script. */
export const RUN_BY_NPM = 'npm_lifecycle_event';

/** Flags of npm, too, which people set for npm alone, and which change nothing that matters when they are lost. */
const OF_NPM: readonly string[] = ['force', 'json'];

/**
 * What to type instead of `npm start --listen ...`: npm takes such flags for its own settings, and passes on, by the environment, what is
 * left of them. Undefined when none is lost.
 */
export function flagsTakenByNpm(
  argv: readonly string[],
  env: Environment,
  command: Command,
): string | undefined {
  const taken = flagsOf(command).filter(({ name }) => {
    const isGiven = argv.some((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`));
    return !isGiven && !OF_NPM.includes(name) && Boolean(valueOf(env, name));
  });
  if (taken.length === 0) return undefined;
  const rest = argv.filter((arg) => arg !== command.name);
  const words = taken.flatMap(({ name, value }) => {
    const kept = valueOf(env, name);
    // A value that stood behind a space is passed on as an argument.
    if (kept === 'true') return [`--${name}`, ...(value === undefined ? [] : rest.splice(0, 1))];
    return [`--${name}=${kept}`];
  });
  const line = [...(argv.includes(command.name) ? [command.name] : []), ...words, ...rest];
  const script = env[RUN_BY_NPM] ?? 'start';
  const names = taken.map(({ name }) => `--${name}`).join(', ');
  return `npm took ${names} for itself. What is for compositord comes after two dashes:
  npm ${script === 'start' ? script : `run ${script}`} -- ${line.join(' ')}`;
}

function valueOf(env: Environment, name: string): string | undefined {
  return env[`npm_config_${name.replaceAll('-', '_')}`];
}
