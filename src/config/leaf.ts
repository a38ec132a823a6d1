import { Type, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** What every setting says about itself, beside its type. */
export interface LeafOptions {
  description: string;
  /** As it would be written in the file; absent = none. */
  default?: unknown;
  /** Its name in the file where that is not its place in the settings. */
  path?: string;
  /** Its flag where that is not its path in kebab-case. */
  flag?: string;
  /** Never shown as given. */
  secret?: boolean;
  /** A reload takes it over; any other waits for a restart. */
  live?: boolean;
  /** What is wrong with a value that is refused, where there is more to say than what it must be. */
  why?: (written: unknown) => string | undefined;
}

export const wholeNumber = (unit: string, minimum: number, maximum: number, options: LeafOptions) =>
  Type.Integer({
    minimum,
    maximum,
    expects: `a whole number${unit} from ${minimum} to ${maximum}`,
    ...options,
  });

export const seconds = (minimum: number, maximum: number, options: LeafOptions) =>
  Type.Number({ minimum, maximum, expects: `seconds, from ${minimum} to ${maximum}`, ...options });

/** No control characters, no line separators, no half of a surrogate pair, and not blank. */
const PRINTABLE = /^(?=.*\S)[^\p{Cc}\p{Cs}\u2028\u2029]+$/u;

/** Whether `text` is 1 to `maxLength` printable characters. */
export function isPrintable(text: unknown, maxLength: number): text is string {
  return (
    typeof text === 'string' &&
    text.length <= 2 * maxLength &&
    Array.from(text).length <= maxLength &&
    PRINTABLE.test(text)
  );
}

export const printable = (maxLength: number, options: LeafOptions) =>
  written<string>(
    `1 to ${maxLength} printable characters`,
    (given) => (isPrintable(given, maxLength) ? given : undefined),
    options,
  );

export const oneOf = <const T extends string>(values: readonly T[], options: LeafOptions) =>
  written<T>(`one of ${values.join(', ')}`, (given) => values.find((value) => value === given), options);

export const flagged = (options: LeafOptions) => Type.Boolean({ expects: 'true or false', ...options });

/** A setting whose written form is not its value: `read` gives the value, or undefined when it is none. */
export function written<T>(
  expects: string,
  read: (written: unknown) => T | undefined,
  options: LeafOptions,
): TUnsafe<T> {
  return Type.Unsafe<T>({ expects, read, ...options });
}

/** The value that `given` stands for under `schema`; undefined when it is none. `asText`: it came as text (flag, environment). */
export function readLeaf(schema: TSchema, given: unknown, asText: boolean): unknown {
  const read = schema['read'] as ((written: unknown) => unknown) | undefined;
  if (read) return read(given);
  const value = asText ? fromText(schema, given as string) : given;
  return Value.Check(schema, value) ? value : undefined;
}

function fromText(schema: TSchema, text: string): unknown {
  switch (schema['type']) {
    case 'integer':
    case 'number':
      return /^-?[0-9]+(?:\.[0-9]+)?$/.test(text) ? Number(text) : text;
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    default:
      return text;
  }
}
