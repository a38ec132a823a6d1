import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import { Program } from '../support/program.ts';
import { commandScenario } from './command-scenario.ts';
import { compositorScenario } from './compositor-scenario.ts';
import { example, type Run } from './example.ts';
import { subscribeScenario } from './subscribe-scenario.ts';

if (spawnSync('rustc', ['--version']).status === 0) {
  t.test('compositor.rs', async (t) => compositorScenario(t, await compile(t, 'compositor')));
  t.test('link.rs', async (t) => {
    const run = await compile(t, 'link');
    await t.test('as a compositor', (t) => compositorScenario(t, run, 'connected'));
    await t.test('commands', (t) => commandScenario(t, run));
  });
  t.test('subscribe.rs', async (t) => subscribeScenario(t, await compile(t, 'subscribe')));
} else {
  t.pass('rustc is not on this machine: the Rust examples were not compiled');
}

/** Compiles an example; a warning counts as an error. */
async function compile(t: Test, name: string): Promise<Run> {
  const binary = join(await temporaryFolder(t), name);
  const rustc = new Program(t, 'rustc', ['-O', '-D', 'warnings', '-o', binary, example(`${name}.rs`)]);
  t.strictSame(await rustc.exited, { code: 0, signal: null }, rustc.stderr);
  return [binary];
}
