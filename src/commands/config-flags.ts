import { COMPOSITOR_FLAGS, CONFIG_FLAG } from '../config/from-flags.ts';
import { loadConfig, type ConfigSources, type LoadedConfig } from '../config/load-config.ts';
import { formatProblem } from '../config/raw-config.ts';
import type { SettingOptions } from '../config/setting-types.ts';
import { SETTINGS, type Setting } from '../config/settings.ts';
import { PROTOCOLS } from '../domain/compositor.ts';
import { UsageError, type Flag, type FlagGroup } from './command.ts';
import { counted } from './layout.ts';

const FILE_FLAG: Flag = {
  name: CONFIG_FLAG,
  value: 'FILE',
  text: 'Read FILE instead of compositord.yaml (or .yml) in this folder, and compositors.json beside it.',
  offers: 'file',
};

const COMPOSITOR: Readonly<Record<(typeof COMPOSITOR_FLAGS)[number], Omit<Flag, 'name'>>> = {
  name: { value: 'NAME', text: 'Its name; the other flags of this group need it.' },
  address: { value: 'HOST', text: 'Where it listens: a host name or an IP address.' },
  port: { value: 'PORT', text: 'The port at which it listens. That of the daemon is in --listen.' },
  protocol: { value: PROTOCOLS.join('|'), text: 'How it is spoken to.', offers: PROTOCOLS },
  id: { value: 'ID', text: 'Its id, which is otherwise made of its name.' },
};

/** The flags of every command that reads the configuration, for a help text. */
export const CONFIG_GROUPS: readonly FlagGroup[] = [
  {
    heading: 'Configuration: flags win over COMPOSITORD_* variables, over compositord.yaml, over defaults.',
    flags: [FILE_FLAG, ...SETTINGS.map(flagOf)],
  },
  {
    heading: 'One more compositor, or other fields of one with the same name, id or address in the files:',
    flags: COMPOSITOR_FLAGS.map((name) => ({ name, ...COMPOSITOR[name] })),
  },
];

/** The same flags, for a command whose help does not list them. */
export const CONFIG_FLAGS: readonly Flag[] = CONFIG_GROUPS.flatMap(({ flags }) => flags);

/** For the help of a command that needs the store alone. */
export const STORE_FLAG: Flag = {
  name: 'store',
  value: 'STORE',
  text: 'file:FOLDER or the address of a Redis. The other flags of serve work, too.',
  preset: 'that of the configuration',
};

function flagOf({ flag, schema }: Setting): Flag {
  const { description = '', placeholder = '', offers } = schema as Partial<SettingOptions>;
  const preset: unknown = schema.default;
  const isGiven = preset !== undefined && !(Array.isArray(preset) && preset.length === 0);
  return {
    name: flag,
    value: placeholder,
    text: description,
    ...(isGiven && { preset: textOf(preset) }),
    ...(offers && { offers }),
  };
}

/** As it is written behind a flag. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export type ValidConfig = Exclude<LoadedConfig, { problems: unknown }>;

/** Loads the configuration. Throws one {@link UsageError} with every problem, and their number. */
export function requireConfig(sources: ConfigSources): ValidConfig {
  const loaded = loadConfig(sources);
  if (!('problems' in loaded)) return loaded;
  const { problems } = loaded;
  throw new UsageError([...problems.map(formatProblem), counted(problems.length, 'problem')].join('\n'));
}
