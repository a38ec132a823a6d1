import { Readable } from 'node:stream';
import t from 'tap';

interface Counts {
  passed: number;
  skipped: number;
  failures: string[];
}

const script = new URL('../../scripts/read-tap.mjs', import.meta.url).href;
const { readTap } = (await import(script)) as { readTap: (input: Readable) => Promise<Counts> };

t.test('counts assertions at any depth, and no line twice', async (t) => {
  const read = async (...lines: string[]) =>
    readTap(Readable.from([`TAP version 14\n${lines.join('\n')}\n`]));

  const nested = [
    '# Subtest: deeper',
    '    ok 1 - one',
    '    ok 2 - two',
    '    1..2',
    'ok 1 - deeper',
    'ok 2 - three # SKIP',
    'ok 3 - four # TODO',
    'ok 4 - five',
    '1..4',
  ];
  t.same(await read(...nested), { passed: 3, skipped: 2, failures: [] });

  const failing = [
    '# Subtest: a',
    '    ok 1 - one',
    '    not ok 2 - two',
    '    1..2',
    'not ok 1 - a',
    '1..1',
  ];
  const { passed, failures } = await read(...failing);
  t.equal(passed, 1);
  t.equal(failures.length, 1, 'what failed is named once');
  t.match(failures[0], /^a > two/);

  const timedOut = ['# Subtest: a', '    ok 1 - one', '    1..1', 'not ok 1 - a', '1..1'];
  t.match(await read(...timedOut), { passed: 1, failures: [/^a/] });

  t.same(await read('1..0 # no tests found'), { passed: 0, skipped: 0, failures: [] });
  t.match(await read('ok 1 - one', 'Bail out! no more'), { passed: 1, failures: [/no more/] });
});
