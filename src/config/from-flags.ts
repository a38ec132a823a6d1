import { emptyRawConfig, type RawConfig, type RawValue } from './raw-config.ts';
import { SETTINGS } from './settings.ts';

/** Flags by name without dashes, each with all its values. */
export type Flags = Readonly<Record<string, readonly string[] | undefined>>;

/** The flags that together add one compositor, exactly as a section of the file would. */
export const COMPOSITOR_FLAGS = ['name', 'address', 'port', 'protocol', 'id'] as const;

/** Names the configuration file. */
export const CONFIG_FLAG = 'config';

/** Reads the flags of the command line; flags that are not settings belong to the command. */
export function fromFlags(flags: Flags): RawConfig {
  const raw = emptyRawConfig();
  const read = (flag: string, key: string, values: Map<string, RawValue>) => {
    const [value, ...more] = flags[flag] ?? [];
    const where = `--${flag}`;
    if (more.length > 0) raw.problems.push({ where, message: 'is there more than once' });
    if (value !== undefined) values.set(key, { value, where, asText: true });
  };
  for (const { flag, path } of SETTINGS) read(flag, path, raw.settings);
  const fields = new Map<string, RawValue>();
  for (const flag of COMPOSITOR_FLAGS) read(flag, flag, fields);
  const [first] = fields.values();
  if (first && !fields.has('name'))
    raw.problems.push({ where: first.where, message: messageWithoutName(fields) });
  else if (first) raw.compositors.push({ where: first.where, fields });
  return raw;
}

/** Who gives a port and no name means that of the daemon. */
function messageWithoutName(fields: ReadonlyMap<string, RawValue>): string {
  const message = 'describes a compositor: give its --name too';
  const [port = 'PORT', host = '127.0.0.1'] = ['port', 'address'].map((field) => fields.get(field)?.value);
  if (fields.has('id') || fields.has('protocol')) return message;
  return `${message}; the daemon itself listens where --listen says: --listen=${String(host)}:${String(port)}`;
}
