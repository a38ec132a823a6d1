// npm run dev: a daemon that starts again whenever src or web changes; flags go to `compositord serve`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { ensureDependencies } from './dependencies.mjs';
import { requireNode, root, say } from './project.mjs';

requireNode();
await ensureDependencies();
const { build } = await import('./build.mjs');

/** Milliseconds: an editor writes a file in several steps, and git many files at once. */
const SETTLED = 150;

let daemon;
let pending;
let restarting = Promise.resolve();

async function restart() {
  try {
    await build();
  } catch (error) {
    // What runs goes on; the next change tries again.
    return say(error.message);
  }
  if (daemon?.exitCode === null && daemon.kill()) await once(daemon, 'exit');
  daemon = spawn(process.execPath, ['--enable-source-maps', 'dist/main.js', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  });
}

function changed() {
  clearTimeout(pending);
  pending = setTimeout(() => (restarting = restarting.then(restart)), SETTLED);
}

for (const folder of ['src', 'web']) watch(join(root, folder), { recursive: true }, changed);
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    daemon?.kill(signal);
    daemon?.once('exit', (code) => process.exit(code ?? 0));
  });
changed();
