// npm test [files]: brings what the tests need, runs them all (or those named), and ends with what came of it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { requireNode, root, say } from './project.mjs';

requireNode();
const { ensureDependencies } = await import('./dependencies.mjs');
ensureDependencies();
const { ensureBuilt } = await import('./build.mjs');
ensureBuilt();
const { ensurePrograms } = await import('./programs.mjs');
ensurePrograms();
const { readTap } = await import('./read-tap.mjs');

const tap = spawn(
  process.execPath,
  [join(root, 'node_modules/tap/dist/esm/run.mjs'), 'run', '--reporter=tap', ...process.argv.slice(2)],
  { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
);
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
