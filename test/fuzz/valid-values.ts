import fc from 'fast-check';
import { isEmptyOrPrintable } from '../../src/domain/printable.ts';
import { codePoint } from '../support/arbitraries.ts';
import { BY_FORMAT, BY_NAME, BY_PATTERN } from './known-values.ts';
import { resolved, type Schema } from './operations.ts';

const cache = new Map<Schema, fc.Arbitrary<unknown>>();

/** Values that the schema allows. `name`: of the parameter or field, where its schema alone does not tell what reaches something. */
export function validValue(schema: Schema, name?: string): fc.Arbitrary<unknown> {
  const { pattern = '' } = resolved(schema);
  if (Object.hasOwn(BY_PATTERN, pattern)) return BY_PATTERN[pattern]!;
  if (name !== undefined && Object.hasOwn(BY_NAME, name)) return BY_NAME[name]!;
  let made = cache.get(schema);
  if (!made) cache.set(schema, (made = arbitraryOf(resolved(schema))));
  return made;
}

/** The type of a schema; of several, each in turn. */
export function typesOf(schema: Schema): string[] {
  return schema.type === undefined ? [] : [schema.type].flat();
}

function arbitraryOf(schema: Schema): fc.Arbitrary<unknown> {
  const { enum: values, anyOf } = schema;
  if (values) return fc.constantFrom(...values);
  if (anyOf) return fc.oneof(...anyOf.map((each) => validValue(each)));
  const types = typesOf(schema);
  // Any JSON value.
  if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
  return fc.oneof(...types.map((type) => ofType(type, schema)));
}

function ofType(type: string, schema: Schema): fc.Arbitrary<unknown> {
  const { minimum, maximum } = schema;
  switch (type) {
    case 'string':
      return text(schema);
    case 'integer':
      return fc.integer({ min: minimum ?? -(2 ** 31), max: Math.min(maximum ?? 2 ** 31, 2 ** 53 - 1) });
    case 'number':
      return fc.double({ min: minimum ?? -1e9, max: Math.min(maximum ?? 1e9, 1e9), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array': {
      const { items = {}, maxItems = 8 } = schema;
      return fc.array(validValue(items), { maxLength: Math.min(maxItems, 4) });
    }
    case 'object':
      return object(schema);
    default:
      return fc.constant(null);
  }
}

function text(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern, minLength = 0, maxLength = 64 } = schema;
  if (format !== undefined && Object.hasOwn(BY_FORMAT, format)) return BY_FORMAT[format]!;
  const unit = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom('a', 'b', 'X', '0', '9', '.', '-', '_', '/', '=', '~', '"', '\\'),
    },
    codePoint,
  );
  const any = fc.string({ unit, minLength, maxLength: Math.min(maxLength, 24) });
  if (pattern === undefined) return any;
  const allowed = new RegExp(pattern, 'u');
  // Its pattern says less than the format, and nearly any text fits.
  if (format === 'printable')
    return any.filter(
      (each) => isEmptyOrPrintable(each) && allowed.test(each) && each.length >= 2 * minLength,
    );
  // The generator knows no lookahead.
  return pattern.includes('(?!')
    ? any.filter((each) => allowed.test(each) && each.length >= minLength)
    : fc.stringMatching(allowed).filter((each) => each.length >= minLength && each.length <= maxLength);
}

function object(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  const { properties = {}, required = [], propertyNames, additionalProperties } = schema;
  const fixed = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, validValue(each, name)])),
    // A default makes a required field optional for whoever sends it.
    { requiredKeys: required.filter((name) => properties[name]?.default === undefined) },
  );
  if (typeof additionalProperties !== 'object') return fixed;
  const key = text({ type: 'string', maxLength: 16, ...propertyNames });
  return fc.dictionary(key, validValue(additionalProperties), { maxKeys: 6 });
}
