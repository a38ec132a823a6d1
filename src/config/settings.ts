import { Kind, OptionalKind, type TObject, type TSchema } from '@sinclair/typebox';
import { SettingsSchema } from './settings-schema.ts';

/** One setting under all its names. */
export interface Setting {
  /** Its place in `Settings`. */
  readonly keys: readonly string[];
  /** In the file: `lease.ttl`, nested or with the dot. */
  readonly path: string;
  /** `COMPOSITORD_LEASE_TTL`; with `_FILE` behind it, of the file that holds it. */
  readonly env: string;
  /** `lease-ttl`, without the dashes. */
  readonly flag: string;
  readonly schema: TSchema;
  readonly optional: boolean;
}

export const ENV_PREFIX = 'COMPOSITORD_';

/** Every leaf of {@link SettingsSchema}, in its order. */
export const SETTINGS: readonly Setting[] = leavesOf(SettingsSchema, []);

export function valueOf(settings: unknown, { keys }: Setting): unknown {
  return keys.reduce((value, key) => (value as Record<string, unknown>)[key], settings);
}

function leavesOf(group: TObject, above: readonly string[]): Setting[] {
  return Object.entries(group.properties).flatMap(([key, schema]) => {
    const keys = [...above, key];
    if (schema[Kind] === 'Object') return leavesOf(schema as TObject, keys);
    const path = textOf(schema['path']) ?? keys.join('.');
    const words = path.replace(/[A-Z]/g, (letter) => `.${letter.toLowerCase()}`).split('.');
    return {
      keys,
      path,
      env: ENV_PREFIX + words.join('_').toUpperCase(),
      flag: textOf(schema['flag']) ?? words.join('-'),
      schema,
      optional: OptionalKind in schema,
    };
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
