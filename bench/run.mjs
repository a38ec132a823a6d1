// `npm run bench [names] [-- --runs=5]`: ratios, measured side by side in one run on one machine. docs/performance.md explains the lines.
import { loadavg, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../scripts/build.mjs';
import { client } from './client.mjs';
import { commitCost } from './commit-cost.mjs';
import { compress } from './compress.mjs';
import { conflation } from './conflation.mjs';
import { fanOut } from './fan-out.mjs';
import { giant } from './giant.mjs';
import { hostile } from './hostile.mjs';
import { idleMemory } from './idle-memory.mjs';
import { Lab } from './lab.mjs';
import { map } from './map.mjs';
import { links } from './links.mjs';
import { manifest } from './manifest.mjs';
import { memory } from './memory.mjs';
import { polling } from './polling.mjs';
import { overview } from './overview.mjs';
import { comeBack } from './return.mjs';
import { keep, middleRun, reached } from './results.mjs';
import { reaim } from './reaim.mjs';
import { relay } from './relay.mjs';
import { scale } from './scale.mjs';
import { supervisor } from './supervisor.mjs';
import { turns } from './turns.mjs';
import { workers } from './workers.mjs';
import { writes } from './writes.mjs';

const BENCHES = {
  manifest,
  'commit-cost': commitCost,
  'fan-out': fanOut,
  conflation,
  'idle-memory': idleMemory,
  memory,
  writes,
  links,
  relay,
  compress,
  polling,
  client,
  map,
  overview,
  supervisor,
  hostile,
  giant,
  turns,
  return: comeBack,
  workers,
  reaim,
  scale,
};

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '1' } },
});
const runs = Number(values.runs);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
if (!Number.isInteger(runs) || runs < 1) {
  console.error(`--runs=${values.runs}: it must be a number of runs, 1 or more`);
  process.exit(2);
}

await ensureBuilt();
console.log(
  `Node ${process.version}, ${cpus().length} cores, load average ${load()}; ${new Date().toISOString()}\n`,
);
print({ what: 'what', ours: 'ours', other: 'the other', ratio: 'ratio', target: 'target' });
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const about = { date: new Date().toISOString(), node: process.version, cores: cpus().length, runs };
  const before = load();
  const all = [];
  for (let run = 0; run < runs; run++) all.push(await once(BENCHES[name]));
  const rows = runs === 1 ? all[0] : middleRun(all);
  for (const row of rows) print(row);
  keep(name, { ...about, load: { before, after: load() } }, rows);
}
console.log(`\nload average at the end ${load()}`);

function load() {
  return loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
}

async function once(bench) {
  const lab = new Lab();
  try {
    return await bench(lab);
  } finally {
    await lab.end();
  }
}

function print({ what, ours, other, beside = '', ratio, spread, target, note = '', atMost = false }) {
  const text = typeof ratio === 'number' ? `${ratio.toFixed(2)}x` : (ratio ?? '');
  const goal =
    typeof target === 'number' ? `${atMost ? '<=' : '>='} ${Number(target.toFixed(3))}` : (target ?? '');
  const columns = [
    what.padEnd(64),
    ours.padStart(14),
    `${other} ${beside}`.trim().padEnd(32),
    text.padStart(8),
    (spread ? `${spread[0].toFixed(2)} to ${spread[1].toFixed(2)}` : '').padStart(runs > 1 ? 16 : 0),
    goal.padStart(8),
  ];
  const missed = reached({ ratio, target, atMost }) === false;
  console.log(`${columns.join('  ')}  ${missed ? 'not reached ' : ''}${note}`.trimEnd());
}
