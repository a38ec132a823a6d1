// npm test [files, folders, --fast, --coverage]: brings what these tests need, runs them (all by default), and ends with what came of it.
// Of a run that names no files, the few that failed are run once more; what they said first is shown, and the end names them.
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
const { TestResults } = await import('./test-results.mjs');
const { Coverage } = await import('./coverage.mjs');

const args = process.argv.slice(2);
const files = filesOf(args);
if (files.length === 0) stop('there is no such test.');
ensurePrograms(files);
const waiting = [...runnable(files)];
const coverage = args.includes('--coverage') ? new Coverage() : undefined;

const limit = process.env.TEST_JOBS ? { value: Number(process.env.TEST_JOBS) } : new JobLimit();
const results = new TestResults();
const running = new Set();
while (waiting.length > 0 || running.size > 0) {
  while (waiting.length > 0 && running.size < limit.value) start(waiting.shift());
  await Promise.race([setTimeout(INTERVAL, undefined, { ref: false }), ...running]);
}
const wholeRun = args.every((arg) => arg.startsWith('--'));
for (const file of wholeRun ? results.again : []) {
  console.log(`\nOnce more: ${file}`);
  await run(file);
}
coverage?.report();
console.log(`\n${results.summary}`);
process.exitCode = results.failed === 0 ? 0 : 1;

function start(file) {
  const ended = run(file).then(() => running.delete(ended));
  running.add(ended);
}

async function run(file) {
  const result = await runTestFile(file, coverage?.env);
  coverage?.keepOurs();
  results.add(result);
  print(result);
}

function print({ file, failures, seconds }) {
  for (const failure of failures) console.log(`\nFAILED ${file} > ${failure}`);
  console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s ${file}`);
}
