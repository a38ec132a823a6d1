import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LOCK = join(tmpdir(), 'compositord-node-24.lock');
/** Milliseconds after which whoever held the lock was killed: it is held while npm fetches one package. */
const STALE = 90_000;

/** A Node that can run what needs 22: this one, or the newest 24 from npm. */
export function node22(): string {
  if ('withResolvers' in Promise) return process.execPath;
  // Two at once, on a machine that has none yet, would write over each other: npm 10 does not lock its folder.
  return alone(() =>
    execFileSync('npx', ['-y', '-p', 'node@24', 'node', '-p', 'process.execPath'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      // The package puts its binary in place by an install script, which `npm ci --ignore-scripts` leaves out.
      env: { ...process.env, npm_config_ignore_scripts: 'false' },
    }).trim(),
  );
}

function alone<T>(work: () => T): T {
  while (!locked()) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    return work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function locked(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    const made = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
    if (Date.now() - made > STALE) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}
