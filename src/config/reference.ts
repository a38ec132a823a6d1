import { CompositorSchema } from './compositor-schema.ts';
import { SETTINGS } from './settings.ts';

/** The reference of all settings as Markdown, in Prettier's layout; `npm run docs:config` writes it to `docs/configuration.md`. */
export function configurationReference(): string {
  const settings = SETTINGS.map(({ path, env, flag, schema }) => [
    `\`${path}\``,
    formatDefault(schema.default),
    `\`${env}\``,
    `\`--${flag}\``,
    String(schema['expects']),
    schema.description ?? '',
  ]);
  const fields = Object.entries(CompositorSchema.properties).map(([field, schema]) => [
    `\`${field}\``,
    String(schema['expects']),
    schema.description ?? '',
  ]);
  return [
    '# Configuration',
    '',
    '<!-- Made from src/config by `npm run docs:config`. Change the schema, not this file. -->',
    '',
    'Flags win over the environment, over the file, over defaults. The file is `compositord.yaml` in the working',
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
    'The daemon reads its configuration again on SIGHUP, and within seconds of a change of one of its files. One commit adds the',
    'compositors that are new and removes those that are gone, with their tiles. A compositor whose lines did not change keeps',
    'its state, including changes made over HTTP. If anything in the new configuration is wrong, the daemon rejects all of it, logs',
    'every problem, and keeps the old one. Settings that need a restart are named in a warning.',
    '',
    '## Compositors',
    '',
    'Every other top-level key of the file is a compositor; its id is made from the key (`Wall 1` becomes `wall-1`). To these the',
    'daemon adds the compositors of a JSON list, `compositors.json` beside the file or the file that the setting `compositors` names,',
    'and the one that the flags `--name --address --port --protocol --id` describe. Ids must be unique.',
    '',
    '    [{ "id": "wall", "name": "The Wall", "version": "2.1", "protocol": "http", "address": "127.0.0.1", "port": 5000 }]',
    '',
    ...table(['Field', 'Must be', 'What it is'], fields),
    '',
  ].join('\n');
}

function formatDefault(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')));
  const widths = head.map((cell, i) => Math.max(cell.length, ...escaped.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...escaped.map(line)];
}
