// One file of hundreds that failed by chance has refused the work of days.
import t from 'tap';

const script = new URL('../../scripts/test-results.mjs', import.meta.url).href;
interface TestResults {
  add(result: { file: string; passed: number; skipped: number; failures: string[] }): void;
  readonly again: string[];
  readonly failed: number;
  readonly summary: string;
}
const { TestResults } = (await import(script)) as { TestResults: new () => TestResults };

const good = (file: string) => ({ file, passed: 2, skipped: 0, failures: [] });
const bad = (file: string) => ({ file, passed: 1, skipped: 0, failures: ['it said no'] });

t.test('a file that failed is run once more, and the end tells', (t) => {
  const results = new TestResults();
  results.add(good('a'));
  results.add(bad('b'));
  t.strictSame(results.again, ['b']);
  t.equal(results.summary, '3 passed, 1 failed, 0 skipped');
  results.add(good('b'));
  t.equal(
    results.summary,
    'Failed once and passed once, which is a fault to mend: b\n4 passed, 0 failed, 0 skipped',
  );
  t.equal(results.failed, 0);
  t.end();
});

t.test('what fails again has failed', (t) => {
  const results = new TestResults();
  for (const result of [bad('a'), bad('a')]) results.add(result);
  t.equal(results.summary, '1 passed, 1 failed, 0 skipped');
  t.end();
});

t.test('what fails in many files is no chance', (t) => {
  const results = new TestResults();
  for (const file of ['a', 'b', 'c', 'd', 'e']) results.add(bad(file));
  t.strictSame(results.again, []);
  t.end();
});
