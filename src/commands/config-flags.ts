import { COMPOSITOR_FLAGS, CONFIG_FLAG } from '../config/from-flags.ts';
import { loadConfig, type ConfigSources, type LoadedConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/raw-config.ts';
import { SETTINGS } from '../config/settings.ts';
import { UsageError } from './command.ts';
import { counted } from './layout.ts';

/** The flags of every command that reads the configuration. */
export const CONFIG_FLAGS: readonly string[] = [
  CONFIG_FLAG,
  ...COMPOSITOR_FLAGS,
  ...SETTINGS.map(({ flag }) => flag),
];

/** Those flags, for a help text. */
export function configFlagsHelp(): string {
  const width = Math.max(...SETTINGS.map(({ flag }) => flag.length));
  const rows = SETTINGS.map(({ flag, schema }) => `  --${flag.padEnd(width)} ${schema.description ?? ''}`);
  return `Configuration: flags win over COMPOSITORD_* variables, over compositord.yaml, over defaults.
  ${'--config FILE'.padEnd(width + 2)} Read FILE instead of compositord.yaml in this folder, and compositors.json beside it.
${rows.join('\n')}

One more compositor, as a section of the file would add it:
  --name NAME [--address HOST --port PORT --protocol http|https|ws|wss|libp2p] [--id ID]
`;
}

export type ValidConfig = Exclude<LoadedConfig, { problems: unknown }>;

/** Loads the configuration. Throws one {@link UsageError} with every problem, and their number. */
export function requireConfig(sources: ConfigSources): ValidConfig {
  const loaded = loadConfig(sources);
  if (!('problems' in loaded)) return loaded;
  const { problems } = loaded;
  throw new UsageError([...problems.map(formatProblem), counted(problems.length, 'problem')].join('\n'));
}
