import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { GENESIS, nextCursor, parseCursor, revisionOf, type Cursor } from '../../src/domain/cursor.ts';
import { History } from '../../src/domain/history.ts';
import { HOSTILE, hostileString } from '../support/arbitraries.ts';
import { law } from './law.ts';

const revision = fc.oneof(fc.constantFrom(0, 1, 9, 10, Number.MAX_SAFE_INTEGER), fc.maxSafeNat());
const nonce = fc.stringMatching(/^[0-9a-f]{8}$/);

law(t, 'a cursor is read back as it was written', [revision, nonce], (n, hex) => {
  assert.equal(parseCursor(`${n}-${hex}`), `${n}-${hex}`);
  assert.equal(revisionOf(`${n}-${hex}`), n);
});

const almost = fc.oneof(hostileString, fc.stringMatching(/^[-+0]?[0-9]{0,18}-[0-9a-fA-F]{7,9}[~\n]?$/));

law(t, 'whatever is read as a cursor is written the same', [almost], (text) => {
  const cursor = parseCursor(text);
  if (cursor !== undefined) assert.equal(`${revisionOf(cursor)}-${text.slice(-8)}`, text);
});

// FAILURES 3.
t.test('garbage is no cursor', async (t) => {
  const refused = [
    ...[
      '0',
      '999',
      '-1',
      '-1-00000000',
      'e1:abc',
      '1-',
      '-',
      '1-abc',
      '01-00000000',
      '00-00000000',
      '+1-00000000',
    ],
    ...[
      '9007199254740992-00000000',
      '9007199254740993-00000000',
      '9999999999999999-00000000',
      `${2 ** 64}-00000000`,
    ],
    ...[
      '1-ABCDEF01',
      '1-0000000g',
      '1-000000000',
      '1-0000000',
      '1-00000000~',
      '1-00000000@01234567',
      '1-00000000-00000000',
    ],
    ...[
      ' 1-00000000',
      '1-00000000 ',
      '1-00000000\n',
      '\n1-00000000',
      '1-00000000\0',
      '１-00000000',
      '1e3-00000000',
    ],
    ...[
      '1.5-00000000',
      'NaN-00000000',
      'Infinity-00000000',
      '0x1-00000000',
      '1–00000000',
      'x'.repeat(2 ** 20),
    ],
    ...[`${'1'.repeat(2 ** 20)}-00000000`, `1-${'0'.repeat(2 ** 20)}`, ...HOSTILE],
  ];
  t.strictSame(
    refused.filter((text) => parseCursor(text) !== undefined),
    [],
  );
});

t.test('a cursor from the future is one, but no position of this history', async (t) => {
  const future = parseCursor('999-deadbeef');
  t.equal(future, '999-deadbeef');
  t.equal(new History({ commits: 1, seconds: 1, bytes: 1 }).has(future!), false);
});

t.test('the cursor of nothing', async (t) => {
  t.equal(parseCursor(GENESIS), GENESIS);
  t.equal(revisionOf(GENESIS), 0);
});

const id = fc.uuid();
const walk = (from: Cursor, steps: readonly string[]) => {
  const cursors: Cursor[] = [];
  for (const step of steps) cursors.push(nextCursor(cursors.at(-1) ?? from, step));
  return cursors;
};

law(
  t,
  'a next cursor is a cursor, one revision on, the same each time',
  [revision, nonce, id],
  (n, hex, step) => {
    fc.pre(n < Number.MAX_SAFE_INTEGER);
    const next = nextCursor(`${n}-${hex}`, step);
    assert.equal(parseCursor(next), next);
    assert.equal(revisionOf(next), n + 1);
    assert.equal(nextCursor(`${n}-${hex}`, step), next);
  },
);

const ids = fc.array(id, { maxLength: 6 });

law(
  t,
  'two histories that part never share a cursor again',
  [ids, id, id, ids, ids],
  (trunk, a, b, as, bs) => {
    fc.pre(a !== b);
    const fork = walk(GENESIS, trunk).at(-1) ?? GENESIS;
    // What follows is the same request ids: the nonce must come from the past too.
    const one = new Set(walk(fork, [a, ...as, ...bs]));
    for (const cursor of walk(fork, [b, ...as, ...bs])) assert.ok(!one.has(cursor), cursor);
  },
);

t.test('the nonce is what other languages compute', async (t) => {
  // printf '0-00000000 first' | sha256sum | cut -c1-8
  t.equal(nextCursor(GENESIS, 'first'), '1-c3b142f0');
});
