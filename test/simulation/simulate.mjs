// Runs the simulation from plain JavaScript, which starts at once and runs on every Node, on all cores:
//   node test/simulation/simulate.mjs --seeds 20000 [--from 1] [--most 10]
//   node test/simulation/simulate.mjs --seed 42
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { compiled } from './compiled.mjs';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    most: { type: 'string', default: '10' },
  },
});
const folder = compiled();
const runs = values.seed === undefined ? ranges().map(argsOf) : [['--seed', values.seed]];
const codes = await Promise.all(runs.map(simulate));
rmSync(folder, { recursive: true, force: true });
if (codes.some((code) => code !== 0)) process.exitCode = 1;

/** One range of seeds a core, which together are all that were asked for. */
function ranges() {
  const from = Number(values.from);
  const seeds = Number(values.seeds);
  const cores = Math.min(availableParallelism(), Math.max(seeds, 1));
  const at = (core) => from + Math.floor((seeds * core) / cores);
  return Array.from({ length: cores }, (_, core) => ({ from: at(core), seeds: at(core + 1) - at(core) }));
}

function argsOf({ from, seeds }) {
  return ['--from', String(from), '--seeds', String(seeds), '--most', values.most];
}

/** Resolves to its exit code, or the signal that ended it. */
async function simulate(args) {
  const program = ['--enable-source-maps', `${folder}/test/simulation/simulate.js`, ...args];
  const [code, signal] = await once(spawn(process.execPath, program, { stdio: 'inherit' }), 'exit');
  return code ?? signal;
}
