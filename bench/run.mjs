// `npm run bench [names]`: ratios, measured side by side in one run on one machine. docs/performance.md explains the lines.
import { loadavg, cpus } from 'node:os';
import { ensureBuilt } from '../scripts/build.mjs';
import { client } from './client.mjs';
import { commitCost } from './commit-cost.mjs';
import { conflation } from './conflation.mjs';
import { fanOut } from './fan-out.mjs';
import { giant } from './giant.mjs';
import { hostile } from './hostile.mjs';
import { idleMemory } from './idle-memory.mjs';
import { Lab } from './lab.mjs';
import { map } from './map.mjs';
import { manifest } from './manifest.mjs';
import { polling } from './polling.mjs';
import { comeBack } from './return.mjs';
import { supervisor } from './supervisor.mjs';
import { turns } from './turns.mjs';
import { writes } from './writes.mjs';

const BENCHES = {
  manifest,
  'commit-cost': commitCost,
  'fan-out': fanOut,
  conflation,
  'idle-memory': idleMemory,
  writes,
  polling,
  client,
  map,
  supervisor,
  hostile,
  giant,
  turns,
  return: comeBack,
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  console.error(`no bench is called ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}

await ensureBuilt();
const load = () =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
console.log(
  `Node ${process.version}, ${cpus().length} cores, load average ${load()}; ${new Date().toISOString()}\n`,
);
print({ what: 'what', ours: 'ours', other: 'the other', ratio: 'ratio', target: 'target' });
for (const name of names.length > 0 ? names : Object.keys(BENCHES)) {
  const lab = new Lab();
  try {
    for (const row of await BENCHES[name](lab)) print(row);
  } finally {
    await lab.end();
  }
}
console.log(`\nload average at the end ${load()}`);

function print({ what, ours, other, beside = '', ratio, target, note = '', atMost = false }) {
  const text = typeof ratio === 'number' ? `${ratio.toFixed(2)}x` : (ratio ?? '');
  const goal = typeof target === 'number' ? `${atMost ? '<=' : '>='} ${target}` : (target ?? '');
  const met =
    typeof ratio !== 'number' || typeof target !== 'number' || (atMost ? ratio <= target : ratio >= target);
  const columns = [
    what.padEnd(58),
    ours.padStart(14),
    `${other} ${beside}`.trim().padEnd(32),
    text.padStart(8),
    goal.padStart(8),
  ];
  console.log(`${columns.join('  ')}  ${met ? '' : 'not reached '}${note}`.trimEnd());
}
