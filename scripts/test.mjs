// npm test [files, folders, --fast]: brings what these tests need, runs them (all by default), and ends with what came of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { requireNode, root, say, stop } from './project.mjs';

requireNode();
const { ensureDependencies } = await import('./dependencies.mjs');
ensureDependencies();
const { ensureBuilt } = await import('./build.mjs');
ensureBuilt();
const { compiledPath, transpile } = await import('./transpile.mjs');
transpile('web');
transpile('test');
const { filesOf } = await import('./test-files.mjs');
const { ensurePrograms } = await import('./programs.mjs');
const { readTap } = await import('./read-tap.mjs');

const files = filesOf(process.argv.slice(2));
if (files.length === 0) stop('there is no such test.');
ensurePrograms(files);

const jobs = process.env.TEST_JOBS ?? availableParallelism();
const tap = spawn(process.execPath, [join(root, 'scripts/run-files.mjs'), jobs, ...files.map(compiledPath)], {
  cwd: root,
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = once(tap, 'exit');
const { passed, failed, skipped, empty } = await readTap(tap.stdout, (line) =>
  process.stdout.write(`${line}\n`),
);
const [status] = await exited;

for (const file of empty) say(`${file} ran no test.`);
if (passed + failed + skipped === 0) say('No test ran.');
const good = status === 0 && failed === 0 && empty.length === 0 && passed > 0;
// A run that failed without a failed assertion (a crash, a file without tests) must not read like a success.
const more = good || failed > 0 ? 0 : Math.max(1, empty.length);
process.stdout.write(`\n${passed} passed, ${failed + more} failed, ${skipped} skipped\n`, () =>
  process.exit(good ? 0 : 1),
);
