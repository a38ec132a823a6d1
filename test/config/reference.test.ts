import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { configOf } from './table.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

t.test('docs/configuration.md is what the schema says; npm run docs:config writes it', async (t) => {
  const cwd = fileURLToPath(root);
  const run = spawnSync(process.execPath, ['scripts/docs-config.mjs', '--check'], { cwd, encoding: 'utf8' });
  t.equal(run.status, 0, run.stderr);
});

t.test('compositord.example.yaml is valid', async (t) => {
  const { config } = configOf({ files: { 'compositord.yaml': read('compositord.example.yaml') } });
  t.same(
    config.compositors.map(({ id }) => id),
    ['compositor1', 'wall'],
  );
  t.equal(config.settings.name, 'studio');
});
