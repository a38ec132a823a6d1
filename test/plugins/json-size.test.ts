import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { jsonSize, type JsonSize } from '../../src/plugins/json-size.ts';
import { law } from '../domain/law.ts';

/** The same, counted in the value. */
function sizeOf(value: unknown): JsonSize {
  const size = { levels: 0, fields: 0, entries: 0, values: 0 };
  const visit = (each: unknown, level: number) => {
    size.values += 1;
    if (typeof each !== 'object' || each === null) return;
    size.levels = Math.max(size.levels, level + 1);
    const members = Object.values(each);
    if (!Array.isArray(each)) size.fields += members.length;
    if (!Array.isArray(each) && level === 0) size.entries = members.length;
    for (const member of members) visit(member, level + 1);
  };
  visit(value, 0);
  return size;
}

/** Texts that end, or seem to end, near where the search for their quote begins. */
const text = fc
  .array(
    fc.constantFrom('a', '"', '\\', '\n', 'é', '😀', 'a'.repeat(29), '\\'.repeat(15), ',', ':', '{', '['),
  )
  .map((parts) => parts.join(''));

const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.constantFrom(null, true, 0.5),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4 }),
  ),
})).value;

law(t, 'a text is measured as what it means', [json], (value) => {
  const { values, ...exact } = jsonSize(Buffer.from(JSON.stringify(value)));
  const { values: counted, ...size } = sizeOf(value);
  assert.deepEqual(exact, size);
  assert.ok(values >= counted && values <= 2 * counted, `${values} for ${counted}`);
});

t.test('a string that does not end', async (t) => {
  for (const rest of [
    '',
    'a',
    'a'.repeat(100),
    '\\',
    '\\"',
    `${'a'.repeat(40)}\\"`,
    `${'\\\\'.repeat(40)}\\"`,
  ])
    t.strictSame(
      jsonSize(Buffer.from(`{"a":"${rest}`)),
      { levels: 1, fields: 1, entries: 1, values: 2 },
      rest,
    );
});
