import { spawnSync } from 'node:child_process';

/** What `promtool` says, and its exit code. */
export function promtool(args: readonly string[], options: { input?: string; cwd?: string } = {}) {
  const { status, stdout, stderr } = spawnSync('promtool', args, { ...options, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}
