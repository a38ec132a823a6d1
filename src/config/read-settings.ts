import { ValuePointer } from '@sinclair/typebox/value';
import type { Settings } from './config.ts';
import type { Problem, RawConfig, RawValue } from './raw-config.ts';
import { quote } from './read-yaml.ts';
import { parseSetting, type SettingOptions } from './setting-types.ts';
import { SETTINGS, type Setting } from './settings.ts';

/**
 * Takes each setting from the first of `layers` that has it, else its default; `origins`: its source, by path. A value
 * that a layer above overrides is validated too: otherwise its error would show only when that layer no longer sets it.
 */
export function readSettings(
  layers: readonly RawConfig[],
  problems: Problem[],
): { settings: Settings; origins: Map<string, string> } {
  const settings = {};
  const origins = new Map<string, string>();
  for (const { path, pointer, schema, optional } of SETTINGS) {
    const raw = layers.flatMap((layer) => layer.settings.get(path) ?? []);
    const values = raw.map((one) => readValue(path, schema, one, problems));
    origins.set(path, raw[0]?.where ?? 'default');
    const preset = schema.default === undefined ? undefined : parseSetting(schema, schema.default, false);
    const group = pointer.slice(0, pointer.lastIndexOf('/'));
    // A group is there also when nothing in it is given.
    if (!ValuePointer.Has(settings, group)) ValuePointer.Set(settings, group, {});
    if (raw.length > 0 || preset !== undefined || !optional)
      ValuePointer.Set(settings, pointer, raw.length > 0 ? values[0] : preset);
  }
  return { settings: settings as Settings, origins };
}

/** The parsed value, or undefined and one more problem. */
export function readValue(
  name: string,
  schema: Setting['schema'],
  raw: RawValue,
  problems: Problem[],
): unknown {
  const value = parseSetting(schema, raw.value, raw.asText);
  if (value === undefined) {
    // A store's address may hold a password, even when it is mistyped.
    const shown = schema['secret'] === true ? '' : `, not ${quote(raw.value)}`;
    const reason = (schema['explain'] as SettingOptions['explain'])?.(raw.value);
    const end = reason === undefined ? shown : `; ${reason}`;
    problems.push({ where: raw.where, message: `${name} must be ${String(schema['expects'])}${end}` });
  }
  return value;
}
