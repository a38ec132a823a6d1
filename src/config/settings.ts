import { isDeepStrictEqual } from 'node:util';
import { Kind, OptionalKind, type TObject, type TSchema } from '@sinclair/typebox';
import { ValuePointer } from '@sinclair/typebox/value';
import type { Settings } from './config.ts';
import { SettingsSchema } from './settings-schema.ts';

/** One setting under all its names. */
export interface Setting {
  /** Its JSON pointer in `Settings`: `/lease/ttl`. */
  readonly pointer: string;
  /** In the file: `lease.ttl`, nested or with the dot. */
  readonly path: string;
  /** `COMPOSITORD_LEASE_TTL`; followed by `_FILE` it names a file with the value. */
  readonly env: string;
  /** `lease-ttl`, without the dashes. */
  readonly flag: string;
  readonly schema: TSchema;
  readonly optional: boolean;
}

export const ENV_PREFIX = 'COMPOSITORD_';

/** Every setting of {@link SettingsSchema}, in its order. */
export const SETTINGS: readonly Setting[] = listSettings(SettingsSchema, []);

export function valueOf(settings: Settings, { pointer }: Setting): unknown {
  return ValuePointer.Get(settings, pointer);
}

/** The paths of the settings that differ and that a running daemon cannot change. */
export function settingsForRestart(running: Settings, wanted: Settings): string[] {
  return SETTINGS.filter(({ schema }) => schema['live'] === undefined)
    .filter((setting) => !isDeepStrictEqual(valueOf(running, setting), valueOf(wanted, setting)))
    .map(({ path }) => path);
}

function listSettings(group: TObject, above: readonly string[]): Setting[] {
  return Object.entries(group.properties).flatMap(([key, schema]) => {
    const keys = [...above, key];
    if (schema[Kind] === 'Object') return listSettings(schema as TObject, keys);
    const path = (schema['path'] as string | undefined) ?? keys.join('.');
    const words = path.replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`).split('.');
    return {
      pointer: `/${keys.join('/')}`,
      path,
      env: ENV_PREFIX + words.join('_').toUpperCase(),
      flag: (schema['flag'] as string | undefined) ?? words.join('-'),
      schema,
      optional: OptionalKind in schema,
    };
  });
}
