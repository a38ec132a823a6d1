// npm test [files, folders, --fast, --coverage]: brings what these tests need, runs them (all by default), and ends with what came of it.
import { availableParallelism } from 'node:os';
import { requireNode, stop } from './project.mjs';

requireNode();
const { ensureDependencies } = await import('./dependencies.mjs');
ensureDependencies();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { transpile } = await import('./transpile.mjs');
await transpile('web');
await transpile('test');
const { bundleTap } = await import('./bundle-packages.mjs');
await bundleTap();
const { filesOf } = await import('./test-files.mjs');
const { ensurePrograms } = await import('./programs.mjs');
const { runTestFile } = await import('./run-test-file.mjs');
const { Coverage } = await import('./coverage.mjs');

const args = process.argv.slice(2);
const files = filesOf(args);
if (files.length === 0) stop('there is no such test.');
ensurePrograms(files);
const coverage = args.includes('--coverage') ? new Coverage() : undefined;

const totals = { passed: 0, failed: 0, skipped: 0 };
const waiting = [...files];
const worker = async () => {
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    const { passed, skipped, failures, seconds } = await runTestFile(file, coverage?.env);
    coverage?.keepOurs();
    totals.passed += passed;
    totals.skipped += skipped;
    totals.failed += failures.length;
    for (const failure of failures) console.log(`\nFAILED ${file} > ${failure}`);
    console.log(`${failures.length === 0 ? 'ok    ' : 'FAILED'} ${seconds.toFixed(1).padStart(6)} s ${file}`);
  }
};
// One more than there are cores: many tests wait for a clock, a browser or a process.
const jobs = Number(process.env.TEST_JOBS ?? availableParallelism() + 1);
await Promise.all(Array.from({ length: jobs }, worker));

coverage?.report();
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;
