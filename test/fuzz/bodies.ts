import fc from 'fast-check';
import { hostileValue, numbered } from './hostile-values.ts';
import type { Operation } from './operations.ts';
import { validValue } from './valid-values.ts';

/** Bytes, one per character. */
export type Bytes = string;

const utf8 = (text: string): Bytes => Buffer.from(text).toString('latin1');
const json = (value: unknown): Bytes => utf8(JSON.stringify(value));

/** Bodies that are no JSON, or hardly. */
const BROKEN: Bytes[] = [
  ...[
    '',
    ' ',
    '{',
    '}',
    '[[[[',
    '"',
    'null',
    '{"0,0":{"brick":"a"}',
    '{"a":1,}',
    "{'a':1}",
    'NaN',
    '1e999',
    '[1 2]',
  ],
  ...[
    '{"__proto__":{"x":1}}',
    '{"name":"a","name":"b"}',
    '{"0,0":{"brick":"a","timestamp":1e400}}',
    '\0',
    '{}\0',
  ],
  ...[
    '{}{}',
    '\xef\xbb\xbf{}',
    '{"name":"\xff"}',
    '\xed\xa0\x80',
    '{"name":"\\ud800"}',
    '{"name":"a\nb"}',
    'a=b&c=d',
  ],
];

/** Large in one way each, up to the limit of a body and beyond; made when it is sent, so that a case stays small. */
const LARGE: Readonly<Record<string, () => Bytes>> = {
  'just under 1 MiB': () => json({ name: 'x'.repeat(2 ** 20 - 20) }),
  'over 1 MiB': () => json({ name: 'x'.repeat(2 ** 20) }),
  'deep lists': () => '['.repeat(100_000) + ']'.repeat(100_000),
  'deep objects': () => '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000),
  'deep and broken': () => '['.repeat(300_000),
  '10,001 tiles': () =>
    json(Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`${i},0`, { brick: 'a' }]))),
  '2,000 tiles': () =>
    json(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${i},1`, { brick: 'a' }]))),
  '300 wrong fields': () => json(numbered(300, 'v')),
  '5,000 wrong tiles': () =>
    json(Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`${i},2`, { brick: 1, x: 2 }]))),
  'many digits': () => `{"name":"a","ttl":${'9'.repeat(100_000)}}`,
  'white space': () => ' '.repeat(500_000) + '{}',
  escapes: () => `{"name":"${'\\u0000'.repeat(50_000)}"}`,
};

export interface Body {
  /** The name of a large one, or the bytes. */
  readonly large?: string;
  readonly bytes: Bytes;
}

export function bytesOf({ large, bytes }: Body): Bytes {
  return large === undefined ? bytes : LARGE[large]!();
}

const plain = (arbitrary: fc.Arbitrary<Bytes>): fc.Arbitrary<Body> => arbitrary.map((bytes) => ({ bytes }));
const broken = plain(fc.constantFrom(...BROKEN));
const large: fc.Arbitrary<Body> = fc
  .constantFrom(...Object.keys(LARGE))
  .map((name) => ({ large: name, bytes: '' }));

/** A body that the operation takes. */
export function validBody({ body, forwards }: Operation): fc.Arbitrary<Body | undefined> {
  if (!body) return fc.constant(undefined);
  return forwards
    ? plain(fc.constantFrom('', 'any', '{}', '\0\xff'))
    : plain(validValue(body.schema).map(json));
}

/** A body that it should not take; also for an operation that takes none. */
export function hostileBody({ body }: Operation): fc.Arbitrary<Body | undefined> {
  if (!body) return fc.oneof({ weight: 8, arbitrary: broken }, large);
  const spoiled = plain(hostileValue(body.schema).map(json));
  return fc.oneof(
    { weight: 40, arbitrary: spoiled },
    { weight: 12, arbitrary: broken },
    { weight: 1, arbitrary: large },
    { weight: 2, arbitrary: fc.constant(undefined) },
  );
}
