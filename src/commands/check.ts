import { formatSize } from '../config/formats.ts';
import { SETTINGS, valueOf, type Setting } from '../config/settings.ts';
import { withoutPassword } from '../domain/store-address.ts';
import type { Auth } from '../domain/token.ts';
import { OK, type Command } from './command.ts';
import { CONFIG_FLAGS, configFlagsHelp, requireConfig, type ValidConfig } from './config-flags.ts';
import { columns, counted, endpointOf, hostAndPort } from './layout.ts';

export const check: Command = {
  name: 'check',
  summary: 'Check the configuration, and show what would be served.',
  help: `Usage: compositord check [flags]

Prints every setting with its value and source, and the static compositors. If the configuration is wrong, prints every
problem and exits with 2. Takes the flags of serve.

${configFlagsHelp()}`,
  values: CONFIG_FLAGS,
  switches: [],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const config = requireConfig({ flags, env: terminal.env, readFile: terminal.readFile });
    terminal.stdout(report(config));
    return OK;
  },
};

function report({ config, origins }: ValidConfig): string {
  const settings = SETTINGS.map((setting) => [
    setting.path,
    formatValue(setting, valueOf(config.settings, setting)),
    origins.settings.get(setting.path)!,
  ]);
  const compositors = config.compositors.map((compositor) => {
    const { id, name, enabled } = compositor;
    const words = [JSON.stringify(name), endpointOf(compositor), enabled === false && '(not enabled)'];
    return [id, words.filter(Boolean).join(' '), origins.compositors.get(id)!];
  });
  const count = counted(compositors.length, 'static compositor');
  const list = compositors.length > 0 ? `${columns(compositors, '  ')}\n` : '';
  return `${columns(settings, '  ')}\n\n${count}\n${list}`;
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
