import { Type, type TSchema, type TUnsafe } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import { isPrintable, printableExpects } from '../domain/printable.ts';
import { tildeProblem } from '../domain/tilde.ts';

/** What every setting declares beside its type. */
export interface SettingOptions {
  description: string;
  /** The default as written in the file; absent = none. */
  default?: unknown;
  /** The name in the file, where it is not the path in `Settings`. */
  path?: string;
  /** The flag, where it is not the path in kebab-case. */
  flag?: string;
  /** What the help calls its value, such as `URL`. */
  placeholder?: string;
  /** What a shell offers as its value: words, or files. */
  offers?: readonly string[] | 'file';
  /** Messages never show the value. */
  secret?: boolean;
  /** What a reload does with it, in a sentence; without one it needs a restart. */
  live?: string;
  /** Explains why a value is invalid, where "must be ..." is not enough. */
  explain?: (value: unknown) => string | undefined;
}

export const wholeNumber = (unit: string, minimum: number, maximum: number, options: SettingOptions) =>
  Type.Integer({
    minimum,
    maximum,
    expects: `a whole number${unit} from ${minimum} to ${maximum}`,
    placeholder: 'N',
    ...options,
  });

export const seconds = (minimum: number, maximum: number, options: SettingOptions) =>
  Type.Number({
    minimum,
    maximum,
    expects: `seconds, from ${minimum} to ${maximum}`,
    placeholder: 'SECONDS',
    ...options,
  });

export const printableText = (maxLength: number, options: SettingOptions) =>
  textSetting(printableExpects(1, maxLength), (text) => isPrintable(text, maxLength), {
    placeholder: 'NAME',
    ...options,
  });

export const oneOf = <const T extends string>(values: readonly T[], options: SettingOptions) =>
  parsedSetting<T>(`one of ${values.join(', ')}`, (value) => values.find((known) => known === value), {
    placeholder: values.join('|'),
    offers: values,
    ...options,
  });

export const boolean = (options: SettingOptions) =>
  Type.Boolean({
    expects: 'true or false',
    placeholder: 'true|false',
    offers: ['true', 'false'],
    ...options,
  });

/** A text for which `isValid` holds. */
export const textSetting = (expects: string, isValid: (text: string) => boolean, options: SettingOptions) =>
  parsedSetting<string>(
    expects,
    (value) => (typeof value === 'string' && isValid(value) ? value : undefined),
    options,
  );

/** A setting whose written form differs from its value: `parse` returns the value, or undefined when it is invalid. */
export function parsedSetting<T>(
  expects: string,
  parse: (value: unknown) => T | undefined,
  options: SettingOptions,
): TUnsafe<T> {
  return Type.Unsafe<T>({ expects, parse, ...options });
}

/** Parses `value` by its schema; undefined when it is invalid. `asText`: it came as text (flag, environment). */
export function parseSetting(schema: TSchema, value: unknown, asText: boolean): unknown {
  const parse = schema['parse'] as ((value: unknown) => unknown) | undefined;
  if (parse) return parse(value);
  const typed = asText ? fromText(value as string) : value;
  return Value.Check(schema, typed) ? typed : undefined;
}

/** The number or the boolean that `text` is, else the text. */
function fromText(text: string): unknown {
  if (/^-?[0-9]+(?:\.[0-9]+)?$/.test(text)) return Number(text);
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** Whether text can be the path of a file. */
export function isPath(path: string): boolean {
  return path !== '' && !path.includes('\0') && tildeProblem(path) === undefined;
}

/** For `explain`: why text is no path. */
export function explainPath(value: unknown): string | undefined {
  return typeof value === 'string' ? tildeProblem(value) : undefined;
}
