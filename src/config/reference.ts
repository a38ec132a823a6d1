import { CompositorSchema } from './compositor-schema.ts';
import { SETTINGS } from './settings.ts';

/** The reference of every setting, as Markdown, laid out as Prettier does it; `docs/configuration.md` is this text. */
export function configurationReference(): string {
  const settings = SETTINGS.map(({ path, env, flag, schema }) => [
    `\`${path}\``,
    shown(schema.default),
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
    'directory, or the one that `--config` (or `COMPOSITORD_CONFIG`) names; `compositord check` tells what is in force, and',
    'where it came from. Any variable may end in `_FILE`: it then names the file that holds the value.',
    '',
    '## Settings',
    '',
    'In the file they stand below `daemon:`, nested (`lease: { ttl: 60 }`) or with the dot (`lease.ttl: 60`).',
    '',
    ...table(['Setting', 'Default', 'Variable', 'Flag', 'Must be', 'What it does'], settings),
    '',
    '## Reload',
    '',
    'On SIGHUP, and within seconds of a change of one of its files, the daemon reads all of it again. Compositors that were added are',
    'entered, those that were removed leave with their tiles, all in one commit; one whose lines did not change stays as it is,',
    'also what was said of it over HTTP since. If anything is wrong with the new configuration, all of it is refused: the log names every',
    'problem, and what was in force stays. Settings that cannot change while the daemon runs are named in a warning.',
    '',
    '## Compositors',
    '',
    'Every other top-level key of the file is a compositor; its id is made of the key (`Wall 1` becomes `wall-1`). Those of',
    'a JSON list are added, in `compositors.json` beside the file or where the setting `compositors` says, and the one that the',
    'flags `--name --address --port --protocol --id` describe. No two may have one id.',
    '',
    '    [{ "id": "wall", "name": "The Wall", "version": "2.1", "protocol": "http", "address": "127.0.0.1", "port": 5000 }]',
    '',
    ...table(['Field', 'Must be', 'What it is'], fields),
    '',
  ].join('\n');
}

function shown(value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|').replaceAll('<', '&lt;')));
  const widths = head.map((cell, i) => Math.max(cell.length, ...escaped.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(head), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...escaped.map(line)];
}
