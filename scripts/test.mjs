// npm test [files, folders, --fast, --coverage]: brings what these tests need, runs them (all by default), and ends with what came of it.
import { setTimeout } from 'node:timers/promises';
import { requireNode, stop } from './project.mjs';

requireNode();
const { ensureDependencies } = await import('./dependencies.mjs');
await ensureDependencies();
const { buildTests } = await import('./build-tests.mjs');
await buildTests();
const { filesOf } = await import('./test-files.mjs');
const { ensurePrograms, runnable } = await import('./programs.mjs');
const { runTestFile } = await import('./run-test-file.mjs');
const { INTERVAL, JobLimit } = await import('./job-limit.mjs');
const { Coverage } = await import('./coverage.mjs');

const args = process.argv.slice(2);
const files = filesOf(args);
if (files.length === 0) stop('there is no such test.');
ensurePrograms(files);
const waiting = [...runnable(files)];
const coverage = args.includes('--coverage') ? new Coverage() : undefined;

const limit = process.env.TEST_JOBS ? { value: Number(process.env.TEST_JOBS) } : new JobLimit();
const totals = { passed: 0, failed: 0, skipped: 0 };
const running = new Set();
while (waiting.length > 0 || running.size > 0) {
  while (waiting.length > 0 && running.size < limit.value) start(waiting.shift());
  await Promise.race([setTimeout(INTERVAL, undefined, { ref: false }), ...running]);
}
coverage?.report();
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

function start(file) {
  const run = runTestFile(file, coverage?.env).then((result) => {
    running.delete(run);
    coverage?.keepOurs();
    print(file, result);
  });
  running.add(run);
}

function print(file, { passed, skipped, failures, seconds }) {
  totals.passed += passed;
  totals.skipped += skipped;
  totals.failed += failures.length;
  for (const failure of failures) console.log(`\nFAILED ${file} > ${failure}`);
  console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s ${file}`);
}
