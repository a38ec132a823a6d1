// Breaks one rule of the real code at a time and tells whether, and how, the simulation notices:
//   node test/simulation/ablate.mjs [seeds] [name]
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { ablations } from './ablations.mjs';
import { compiled } from './compiled.mjs';

const [seeds = '3000', only = ''] = process.argv.slice(2);
let unnoticed = 0;

for (const { name, edits } of ablations.filter((each) => each.name.startsWith(only))) {
  const done = new Set();
  const folder = compiled((file, text) => {
    for (const edit of edits.filter((each) => each.file === file)) {
      if (!text.includes(edit.from)) throw new Error(`${name}: ${file} has no ${edit.from}`);
      text = text.replace(edit.from, edit.to);
      done.add(edit);
    }
    return text;
  });
  if (done.size < edits.length) throw new Error(`${name}: a file is missing`);
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [`${folder}/test/simulation/simulate.js`, '--seeds', seeds, '--most', '5'],
    { encoding: 'utf8' },
  );
  rmSync(folder, { recursive: true, force: true });
  const lines = stdout.trim().split('\n');
  const kinds = lines.slice(0, -1).map((line) => line.slice(0, 18).trim());
  if (kinds.length === 0) unnoticed += 1;
  console.log(`${name.padEnd(50)} ${lines.at(-1).padEnd(34)} ${kinds.join(' ')}${stderr.slice(0, 500)}`);
}
if (unnoticed > 0) process.exitCode = 1;
