// npm run docs:config: writes the reference of all settings, docs/configuration.md, from their schema.
// With --check it writes nothing, and fails when that file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { ensureBuilt } from './build.mjs';
import { root, stop } from './project.mjs';

const file = `${root}docs/configuration.md`;

await ensureBuilt();
const { SETTINGS } = await import('../dist/config/settings.js');
const { CompositorSchema } = await import('../dist/config/compositor-schema.js');

const settings = SETTINGS.map(({ path, env, flag, schema }) => [
  `\`${path}\``,
  formatDefault(schema.default),
  `\`${env}\``,
  `\`--${flag}\``,
  schema.expects,
  schema.description,
]);
const live = SETTINGS.filter(({ schema }) => schema.live).map(({ path, schema }) => [
  `the setting \`${path}\``,
  schema.live,
]);
const fields = Object.entries(CompositorSchema.properties).map(([field, { expects, description }]) => [
  `\`${field}\``,
  expects,
  description,
]);
const text = [
  '# Configuration',
  '',
  '<!-- Made from src/config by `npm run docs:config`. Change the schema, not this file. -->',
  '',
  'Flags win over the environment, over the file, over defaults. The file is `compositord.yaml` (or `compositord.yml`) in the working',
  'directory, or the one that `--config` (or `COMPOSITORD_CONFIG`) names. `compositord check` prints every setting with its',
  'value and source. Any variable may end in `_FILE`: it then names a file that holds the value.',
  '',
  '## Settings',
  '',
  'In the file, settings are below `daemon:`, nested (`lease: { ttl: 60 }`) or with the dot (`lease.ttl: 60`).',
  '',
  ...table(['Setting', 'Default', 'Variable', 'Flag', 'Must be', 'What it does'], settings),
  '',
  '## Reload',
  '',
  'The daemon reads its configuration again on SIGHUP, and within seconds of a change of one of its files. If anything in it is wrong, the',
  'daemon rejects all of it, logs every problem, and keeps the old one.',
  '',
  ...table(
    ['Without a restart', 'What a reload does'],
    [
      [
        'compositors',
        'One commit adds those that are new and removes those that are gone, with their tiles. One whose lines did not change keeps its state, including changes made over HTTP.',
      ],
      [
        'files with values: those of variables that end in `_FILE`, `bearerFile`, a file of `jwt.jwks`',
        'They are read again. Those of `redis.*` are read for each connection, without a reload.',
      ],
      ...live,
    ],
  ),
  '',
  '**Every other setting needs a restart.** Those that have changed are named in a warning, and the old values stay in force.',
  '',
  '## Compositors',
  '',
  'Every other top-level key of the file is a compositor; its id is made from the key (`Wall 1` becomes `wall-1`). To these the',
  'daemon adds the compositors of a JSON list, `compositors.json` beside the file or the file that the setting `compositors` names,',
  'and the one that the flags `--name --address --port --protocol --id` describe.',
  '',
  'Entries of these three sources with the same id, the same name, or the same protocol, address and port are **one compositor**. The more',
  'specific source wins field by field: flags over the file over the list. An id that is written, or the key of a section, comes before',
  'one that is made of a name. What cannot be one compositor is refused with both places: one name or address with two ids that are',
  'written, or an entry that is the same as two others; an id that both give decides alone. Addresses are compared as each source',
  'writes them, before the sources are merged: an entry with an address that only two others together have stays a compositor of its own,',
  'so give it their id or name. Within one source ids must be unique, and two compositors with one address are a warning. `compositord check` shows where each field comes from.',
  '',
  '    [{ "id": "wall", "name": "The Wall", "version": "2.1", "protocol": "http", "address": "127.0.0.1", "port": 5000 }]',
  '',
  ...table(['Field', 'Must be', 'What it is'], fields),
  '',
].join('\n');
const formatted = await format(text, { ...(await resolveConfig(file)), parser: 'markdown' });
if (!process.argv.includes('--check')) writeFileSync(file, formatted);
else if (readFileSync(file, 'utf8') !== formatted)
  stop('docs/configuration.md is stale: npm run docs:config writes it anew.');

function formatDefault(value) {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(head, rows) {
  const escape = (cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;');
  return [head, head.map(() => '---'), ...rows.map((row) => row.map(escape))].map(
    (row) => `| ${row.join(' | ')} |`,
  );
}
