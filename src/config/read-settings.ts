import type { Settings } from './config.ts';
import type { Given, GivenConfig } from './given.ts';
import { readLeaf, type LeafOptions } from './leaf.ts';
import type { Problem } from './problem.ts';
import { show } from './read-yaml.ts';
import { SETTINGS, type Setting } from './settings.ts';

/**
 * The settings, each from the first of `sources` that names it, else its default; and where each came from, by
 * path. What a later source says is held to the schema too: it is wrong today, and in force tomorrow.
 */
export function readSettings(
  sources: readonly GivenConfig[],
  problems: Problem[],
): { settings: Settings; origins: Map<string, string> } {
  const settings: Record<string, unknown> = {};
  const origins = new Map<string, string>();
  for (const setting of SETTINGS) {
    const given = sources.flatMap((source) => source.settings.get(setting.path) ?? []);
    const values = given.map((one) => readGiven(setting.path, setting.schema, one, problems));
    origins.set(setting.path, given[0]?.where ?? 'default');
    if (given.length > 0) place(settings, setting, values[0]);
    else if (setting.schema.default !== undefined)
      place(settings, setting, readLeaf(setting.schema, setting.schema.default, false));
    else if (!setting.optional) place(settings, setting, undefined);
  }
  return { settings: settings as Settings, origins };
}

/** The value of a leaf of a schema, or undefined and a problem more. */
export function readGiven(
  name: string,
  schema: Setting['schema'],
  given: Given,
  problems: Problem[],
): unknown {
  const value = readLeaf(schema, given.value, given.asText);
  if (value === undefined) {
    // A store's address may hold a password, also one that is mistyped.
    const not = schema['secret'] === true ? '' : `, not ${show(given.value)}`;
    const why = (schema['why'] as LeafOptions['why'])?.(given.value);
    const more = why === undefined ? not : `; ${why}`;
    problems.push({ where: given.where, message: `${name} must be ${String(schema['expects'])}${more}` });
  }
  return value;
}

function place(settings: Record<string, unknown>, { keys }: Setting, value: unknown): void {
  let group = settings;
  for (const key of keys.slice(0, -1)) group = (group[key] ??= {}) as Record<string, unknown>;
  group[keys.at(-1)!] = value;
}
