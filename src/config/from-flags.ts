import { nothingGiven, type Given, type GivenConfig } from './given.ts';
import { SETTINGS } from './settings.ts';

/** Flags by name without dashes, each with every value it was given. */
export type Flags = Readonly<Record<string, readonly string[] | undefined>>;

/** The flags that together add one compositor, exactly as a section of the file would. */
export const COMPOSITOR_FLAGS = ['name', 'address', 'port', 'protocol', 'id'] as const;

/** Names the configuration file. */
export const CONFIG_FLAG = 'config';

/** What the flags of the command line say. Those that are no settings are left to the command. */
export function fromFlags(flags: Flags): GivenConfig {
  const given = nothingGiven();
  const valueOf = (flag: string): Given | undefined => {
    const [value, ...more] = flags[flag] ?? [];
    const where = `--${flag}`;
    if (more.length > 0) given.problems.push({ where, message: 'is there more than once' });
    return value === undefined ? undefined : { value, where, asText: true };
  };
  for (const { flag, path } of SETTINGS) {
    const value = valueOf(flag);
    if (value) given.settings.set(path, value);
  }
  const fields = new Map<string, Given>();
  for (const flag of COMPOSITOR_FLAGS) {
    const value = valueOf(flag);
    if (value) fields.set(flag, value);
  }
  const [first] = fields.values();
  if (first && !fields.has('name'))
    given.problems.push({ where: first.where, message: 'describes a compositor: give its --name too' });
  else if (first) given.compositors.push({ where: first.where, fields });
  return given;
}
