import { Readable } from 'node:stream';
import t from 'tap';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  empty: string[];
}

const script = new URL('../../scripts/read-tap.mjs', import.meta.url).href;
const { readTap } = (await import(script)) as {
  readTap: (input: Readable, tell: (line: string) => void) => Promise<Counts>;
};

t.test('counts assertions at any depth, and no line twice', async (t) => {
  const told: string[] = [];
  const count = async (tap: string) => readTap(Readable.from([tap]), (line) => told.push(line));
  const file = (inside: string, last: string) =>
    `TAP version 14\n# Subtest: a.test.ts\n${inside}${last}\n1..1\n`;

  const nested = [
    '    ok 1 - one',
    '    # Subtest: deeper',
    '        ok 1 - two',
    '        ok 2 - three',
    '        1..2',
    '    ok 2 - deeper',
    '    ok 3 - four # SKIP',
    '    ok 4 - five # TODO',
    '    1..4\n',
  ].join('\n');
  t.same(await count(file(nested, 'ok 1 - a.test.ts')), { passed: 3, failed: 0, skipped: 2, empty: [] });

  const failing = '    ok 1 - one\n    not ok 2 - two\n    1..2\n';
  t.same(await count(file(failing, 'not ok 1 - a.test.ts')), { passed: 1, failed: 1, skipped: 0, empty: [] });

  const timedOut = '    ok 1 - one\n    1..1\n';
  t.same(await count(file(timedOut, 'not ok 1 - a.test.ts')), {
    passed: 1,
    failed: 1,
    skipped: 0,
    empty: [],
  });

  const none = '    1..0 # no tests found\n';
  const empty = { passed: 0, failed: 0, skipped: 0, empty: ['a.test.ts'] };
  t.same(await count(file(none, 'ok 1 - a.test.ts # SKIP no tests found')), empty);

  t.same(await count('TAP version 14\nnot ok 1 - a.test.ts\n1..1\n'), {
    passed: 0,
    failed: 1,
    skipped: 0,
    empty: [],
  });
  t.same(await count(''), { passed: 0, failed: 0, skipped: 0, empty: [] }, 'tap could not even begin');

  t.equal(
    told.filter((line) => line.includes('FAILED a.test.ts > two')).length,
    1,
    'what failed is named once',
  );
});
