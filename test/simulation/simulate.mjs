// Runs the simulation from plain JavaScript, which starts at once and runs on every Node:
//   node test/simulation/simulate.mjs --seeds 20000 [--from 1] [--most 10]
//   node test/simulation/simulate.mjs --seed 42
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { compiled } from './compiled.mjs';

const folder = compiled();
const { status } = spawnSync(
  process.execPath,
  ['--enable-source-maps', `${folder}/test/simulation/simulate.js`, ...process.argv.slice(2)],
  { stdio: 'inherit' },
);
rmSync(folder, { recursive: true, force: true });
process.exitCode = status ?? 1;
