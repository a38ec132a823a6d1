// Runs one test file as plain Node: what `tap run` does, without its loaders, which cost more than most of our files do
// themselves and would reach every daemon that a test starts.
import { spawn } from 'node:child_process';
import { root } from './project.mjs';
import { readTap } from './read-tap.mjs';
import { compiledPath } from './transpile.mjs';

/** Seconds for a file. A ceiling for one that hangs, not a measure: machines are slow at times. */
const CEILING = 300;
/** Milliseconds more until it is killed: tap says first what was open. */
const LAST_WORDS = 10_000;

/**
 * Counts assertions at any depth, and tells what failed and why. A file that ends badly without a failed assertion (a crash, a
 * process killed), or that asserts nothing, counts as one failure.
 *
 * @param file relative to the project
 * @param env more of the environment
 */
export async function runTestFile(file, env = {}) {
  const began = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', compiledPath(file)], {
    cwd: root,
    env: { ...process.env, TAP: '1', TAP_TIMEOUT: String(CEILING), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const late = setTimeout(() => child.kill('SIGKILL'), CEILING * 1000 + LAST_WORDS);
  const ended = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      resolve(signal ?? code);
      // What a test left running may hold the pipe; what the test itself said has come by then.
      setTimeout(() => child.stdout.destroy(), 1000).unref();
    });
  });
  const [result, end] = await Promise.all([readTap(child.stdout), ended]);
  clearTimeout(late);
  const { passed, skipped, failures } = result;
  if (failures.length === 0 && end !== 0) failures.push(`it ended with ${end}`);
  if (failures.length === 0 && passed + skipped === 0) failures.push('it ran no test');
  return { file, passed, skipped, failures, seconds: (performance.now() - began) / 1000 };
}
