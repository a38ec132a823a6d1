import {
  Type,
  type ObjectOptions,
  type Static,
  type StringOptions,
  type TProperties,
  type TSchema,
  type TUnsafe,
} from '@sinclair/typebox';
import { ID_PATTERN } from '../../domain/compositor.ts';
import type { Cursor } from '../../domain/cursor.ts';
import { HARMFUL, printableExpects } from '../../domain/printable.ts';

/** Makes unknown fields an error: ignoring a misspelled parameter would return the wrong data. */
export const closed = { additionalProperties: false } as const;

/** An object that others {@link ref | refer to}: a component of the OpenAPI document. */
export const component = <T extends TProperties>(
  $id: string,
  description: string,
  properties: T,
  options: ObjectOptions = {},
) => Type.Object(properties, { ...options, $id, description });

/** A `$ref` to a shared schema, with the static type of that schema. */
export function ref<T extends TSchema>(schema: T): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id!}#` });
}

/** Text for people, on its way in. What is there already may be older than this rule, so replies do not promise it. */
export const printable = (minLength: number, maxLength: number, options: StringOptions) =>
  Type.String({
    minLength,
    maxLength,
    pattern: `^[^${HARMFUL}]*$`,
    // The whole rule: it must also be seen.
    format: 'printable',
    'x-expects': printableExpects(minLength, maxLength),
    ...options,
  });

/** Text that is looked for, also in what came in before {@link printable} was as strict. */
export const sought = (maxLength: number, options: StringOptions) =>
  Type.String({
    minLength: 1,
    maxLength,
    pattern: '^[^\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]*$',
    'x-expects': `1 to ${maxLength} characters without controls`,
    ...options,
  });

const INSTANT = { format: 'date-time', examples: ['2026-01-01T00:00:00.000Z'] };
export const instant = (options: StringOptions) => Type.String({ ...INSTANT, ...options });
export const nullableInstant = (options: object) =>
  Type.Unsafe<string | null>({ ...INSTANT, type: ['string', 'null'], ...options });

export const compositorId = (options: StringOptions = {}) =>
  Type.String({
    pattern: ID_PATTERN,
    'x-expects': 'lower-case letters, digits, dots, dashes and underscores, at most 64',
    description: 'The id of a compositor.',
    examples: ['wall'],
    ...options,
  });

export const cursor = (options: StringOptions = {}) =>
  Type.Unsafe<Cursor>({
    pattern: '^(0|[1-9][0-9]{0,15})-[0-9a-f]{8}$',
    // The whole rule: what passes is a cursor.
    format: 'cursor',
    'x-expects': 'a cursor as a reply gave it, such as 1042-9f3a2c1b',
    description: 'Identifies one commit: its revision and a hash of its history.',
    examples: ['1042-9f3a2c1b'],
    ...options,
    type: 'string',
  });

export const rectangle = (options: StringOptions = {}) =>
  Type.String({
    format: 'view',
    // Four times -2147483648.
    maxLength: 47,
    'x-expects': 'x1,y1,x2,y2: four whole numbers from -2147483648 to 2147483647',
    description: 'A rectangle of cells, `x1,y1,x2,y2`. The corners are included, in any order.',
    examples: ['-8,-8,8,8'],
    ...options,
  });

export const generation = (options: StringOptions = {}) =>
  Type.String({
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    'x-expects': 'a generation as the registration gave it',
    description: 'Identifies the registration that holds the lease.',
    examples: ['q1w2e3r4t5y6'],
    ...options,
  });
