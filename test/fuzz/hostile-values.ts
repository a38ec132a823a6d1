import fc from 'fast-check';
import { codePoint, HOSTILE } from '../support/arbitraries.ts';
import { resolved, type Schema } from './operations.ts';
import { typesOf, validValue } from './valid-values.ts';

/** Text that parsers, logs and plain objects stumble over. */
export const hostileText = fc.oneof(
  fc.constantFrom(
    ...HOSTILE,
    'a\r\nX-Forged: 1',
    '../../etc/passwd',
    '%00',
    '%',
    '%E0%A4',
    "' or 1=1",
    '${7*7}',
  ),
  fc.string({ unit: codePoint, maxLength: 20 }),
  fc.constantFrom(...['x'.repeat(300), '💥'.repeat(80), '9'.repeat(400), 'a'.repeat(5000)]),
);

/** A value that may have any type, of any size that stands in one line. */
const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    -0,
    2 ** 53,
    2 ** 60,
    '',
    '5',
    [],
    {},
    [[]],
    [null],
  ),
  hostileText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.integer({ min: 1, max: 300 }).map(nested),
);

/** Values at and just beyond each bound of the schema, and of other types. */
export function hostileValue(schema: Schema, name?: string): fc.Arbitrary<unknown> {
  const edges = [...new Set(typesOf(schema).flatMap((type) => edgesOf(type, schema)))];
  const near = edges.length > 0 ? fc.constantFrom(...edges) : junk;
  const inside = typesOf(schema).includes('object') ? spoiledObject(schema, name) : junk;
  return fc.oneof(
    { weight: 3, arbitrary: near },
    { weight: 3, arbitrary: inside },
    { weight: 2, arbitrary: junk },
  );
}

function edgesOf(type: string, schema: Schema): unknown[] {
  const { minimum, maximum, minLength, maxLength, maxItems, items, maxProperties } = schema;
  const around = (bound: number | undefined) =>
    bound === undefined ? [] : [bound - 1, bound - 0.001, bound, bound + 0.001, bound + 1];
  const lengths = [minLength, maxLength]
    .filter((each) => each !== undefined)
    .flatMap((length) => [length - 1, length, length + 1])
    .filter((length) => length >= 0);
  switch (type) {
    case 'integer':
    case 'number':
      return [...around(minimum), ...around(maximum), 0.5, '1', null];
    case 'string':
      return [
        ...lengths.map((length) => 'a'.repeat(length)),
        ...lengths.map((length) => '💥'.repeat(length / 2)),
        1,
        null,
      ];
    case 'array': {
      const item = items === undefined ? 'a' : fc.sample(validValue(items), { numRuns: 1, seed: 1 })[0];
      return [maxItems ?? 8, (maxItems ?? 8) + 1].map((length) => Array.from({ length }, () => item));
    }
    case 'object':
      // 10,001 tiles are a body of their own, see bodies.ts.
      return maxProperties === undefined || maxProperties > 1000
        ? [{}]
        : [maxProperties, maxProperties + 1].map((count) => numbered(count, 'v'));
    default:
      return [];
  }
}

/** A good object, of which one field is wrong, missing or too much. */
function spoiledObject(schema: Schema, name?: string): fc.Arbitrary<unknown> {
  const { properties = {}, additionalProperties } = resolved(schema);
  const fields = Object.entries(properties);
  const inside = typeof additionalProperties === 'object' ? resolved(additionalProperties) : undefined;
  const changes: fc.Arbitrary<[string, unknown]>[] = [
    fc.tuple(hostileText, inside ? fc.oneof(validValue(inside), junk) : junk),
    ...fields.map(([field, each]) => fc.tuple(fc.constant(field), hostileValue(resolved(each), field))),
    ...(inside
      ? [fc.tuple(fc.constantFrom('0,0', '-0,0', '2147483648,0', 'room'), hostileValue(inside))]
      : []),
    fc.tuple(fc.constantFrom('__proto__', 'constructor', 'x', ...fields.map(([field]) => field)), junk),
  ];
  return fc
    .tuple(validValue(schema, name), fc.oneof(...changes), fc.boolean())
    .map(([good, [field, value], remove]) => {
      const entries = Object.entries(good ?? {}).filter(([key]) => key !== field);
      // fromEntries makes an own `__proto__`, as JSON.parse does.
      return Object.fromEntries(remove ? entries : [...entries, [field, value]]);
    });
}

export function numbered(count: number, value: unknown): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, value]));
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = i % 2 === 0 ? [value] : { a: value };
  return value;
}
