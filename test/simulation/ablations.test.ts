// Half a dozen of them no longer found the rule that they take away, since the code around it had been rewritten: nobody noticed,
// because they are only run by hand.
import { readFile } from 'node:fs/promises';
import t from 'tap';

interface Ablation {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly from: string; readonly to: string }[];
}

const PROJECT = new URL('../../', import.meta.url);
// A script, which runs without being compiled.
const { href } = new URL('ablations.mjs', import.meta.url);
const { ablations } = (await import(href)) as { ablations: readonly Ablation[] };

for (const { name, edits } of ablations)
  t.test(name, async (t) => {
    for (const { file, from, to } of edits) {
      t.ok((await readFile(new URL(file, PROJECT), 'utf8')).includes(from), `${file} has it`);
      t.not(to, from);
    }
  });
