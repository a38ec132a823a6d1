import { Type, type StringOptions } from '@sinclair/typebox';
import { ID_PATTERN } from '../../domain/compositor.ts';

/** Text for people: without control characters, lone surrogates and line separators. */
export const printable = (minLength: number, maxLength: number, options: StringOptions) =>
  Type.String({
    minLength,
    maxLength,
    pattern: '^[^\\p{Cc}\\p{Cs}\\u2028\\u2029]*$',
    'x-expects': `${minLength} to ${maxLength} printable characters`,
    ...options,
  });

export const instant = (options: StringOptions) => Type.String({ format: 'date-time', ...options });

export const compositorId = (options: StringOptions = {}) =>
  Type.String({
    pattern: ID_PATTERN,
    'x-expects': 'lower-case letters, digits, dots, dashes and underscores, at most 64',
    description: 'The id of a compositor.',
    examples: ['wall'],
    ...options,
  });

export const cursor = (options: StringOptions = {}) =>
  Type.String({
    pattern: '^(0|[1-9][0-9]{0,15})-[0-9a-f]{8}$',
    format: 'cursor',
    'x-expects': 'a cursor as a reply gave it, such as 1042-9f3a2c1b',
    description: 'Identifies one commit: its revision and a hash of its history.',
    examples: ['1042-9f3a2c1b'],
    ...options,
  });

export const rectangle = (options: StringOptions = {}) =>
  Type.String({
    format: 'view',
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
