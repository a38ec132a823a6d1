import { formatSize } from '../config/formats.ts';
import type { CompositorOrigin } from '../config/read-compositors.ts';
import { SETTINGS, valueOf, type Setting } from '../config/settings.ts';
import type { StaticCompositor } from '../domain/registration.ts';
import { withoutPassword } from '../domain/store-address.ts';
import type { Auth } from '../domain/token.ts';
import { OK, type Command } from './command.ts';
import { CONFIG_GROUPS, requireConfig, type ValidConfig } from './config-flags.ts';
import { columns, counted, endpointOf, hostAndPort } from './layout.ts';
import { printable } from './printable.ts';

export const check: Command = {
  name: 'check',
  summary: 'Check the configuration, and show what would be served.',
  about: `Prints every setting with its value and source, and the static compositors; of one that several sources describe, where each
field comes from. If the configuration is wrong, prints every problem and exits with 2. Takes the flags of serve.`,
  flags: [],
  groups: CONFIG_GROUPS,
  run: async ({ flags }, terminal) => {
    const config = requireConfig({ flags, env: terminal.env, readFile: terminal.readFile });
    terminal.stdout(report(config));
    for (const warning of config.config.warnings ?? []) terminal.stderr(`warning: ${printable(warning)}\n`);
    return OK;
  },
};

function report({ config, origins }: ValidConfig): string {
  const settings = SETTINGS.map((setting) => [
    setting.path,
    formatValue(setting, valueOf(config.settings, setting)),
    origins.settings.get(setting.path)!,
  ]);
  const compositors = config.compositors.flatMap((each) => rowsOf(each, origins.compositors.get(each.id)!));
  const count = counted(config.compositors.length, 'static compositor');
  const list = compositors.length > 0 ? `${columns(compositors, '  ')}\n` : '';
  return `${columns(settings, '  ')}\n\n${count}\n${list}`;
}

/** One row for a compositor; below it one for each field when several places describe it. */
function rowsOf(compositor: StaticCompositor, { places, fields }: CompositorOrigin): string[][] {
  const { id, name, version, enabled } = compositor;
  const words = [JSON.stringify(name), version, endpointOf(compositor), enabled === false && '(not enabled)'];
  const row = [id, words.filter(Boolean).join(' '), places.join(', ')];
  if (places.length === 1) return [row];
  const values: Readonly<Record<string, unknown>> = { ...compositor };
  const below = Array.from(fields, ([field, where]) => {
    const value = values[field];
    return ['', `  ${field}${value === undefined ? '' : ` ${JSON.stringify(value)}`}`, where];
  });
  return [row, ...below];
}

function formatValue({ schema, path }: Setting, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  if (path === 'listen' || path === 'legacySocket') {
    const { host, port } = value as { host: string; port: number };
    return hostAndPort(host, port);
  }
  if (path === 'auth') return formatAuth(value as Auth);
  if (path.endsWith('.bytes') || path.endsWith('.buffer')) return formatSize(value as number);
  if (Array.isArray(value)) return value.join(',');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return schema['secret'] === true ? withoutPassword(text) : text;
}

function formatAuth(auth: Auth): string {
  if (auth === 'open') return auth;
  return `${counted(auth.length, 'token')} (${auth.map(({ name }) => name).join(', ')})`;
}
