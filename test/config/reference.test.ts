import { readFileSync } from 'node:fs';
import t from 'tap';
import { configurationReference } from '../../src/config/reference.ts';
import { configOf } from './table.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

t.test('docs/configuration.md is what the schema says; npm run docs:config writes it', async (t) => {
  t.equal(read('docs/configuration.md'), configurationReference());
});

t.test('compositord.example.yaml is valid', async (t) => {
  const { config } = configOf({ files: { 'compositord.yaml': read('compositord.example.yaml') } });
  t.same(
    config.compositors.map(({ id }) => id),
    ['compositor1', 'wall'],
  );
  t.equal(config.settings.name, 'studio');
});
