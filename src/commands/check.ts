import { formatProblem } from '../config/problem.ts';
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { SETTINGS, valueOf, type Setting } from '../config/settings.ts';
import { formatSize } from '../config/formats.ts';
import { withoutPassword } from '../domain/store-address.ts';
import type { Auth } from '../domain/token.ts';
import { OK, USAGE, type Command } from './command.ts';
import { CONFIG_FLAGS, configFlagsHelp } from './config-flags.ts';

type Valid = Exclude<LoadedConfig, { problems: unknown }>;

export const check: Command = {
  name: 'check',
  summary: 'Check the configuration, and show what would be served.',
  help: `Usage: compositord check [flags]

Prints every setting in force and where it came from, and the compositors that would be listed; or every problem,
and exits with 2. Takes the flags of serve.

${configFlagsHelp()}`,
  values: CONFIG_FLAGS,
  switches: [],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const loaded = loadConfig({ flags, env: terminal.env, readFile: terminal.readFile });
    if ('problems' in loaded) {
      terminal.stderr(loaded.problems.map((problem) => `${formatProblem(problem)}\n`).join(''));
      terminal.stderr(`${counted(loaded.problems.length, 'problem')}\n`);
      return USAGE;
    }
    terminal.stdout(report(loaded));
    return OK;
  },
};

function report({ config, origins }: Valid): string {
  const settings = SETTINGS.map((setting) => [
    setting.path,
    shown(setting, valueOf(config.settings, setting)),
    origins.settings.get(setting.path)!,
  ]);
  const compositors = config.compositors.map(({ id, name, protocol, address, port, enabled }) => [
    id,
    [
      JSON.stringify(name),
      address && `${protocol ?? 'http'}://${address}${port === undefined ? '' : `:${port}`}`,
      enabled === false && '(not enabled)',
    ]
      .filter(Boolean)
      .join(' '),
    origins.compositors.get(id)!,
  ]);
  return `${columns(settings)}\n${counted(compositors.length, 'listed compositor')}\n${columns(compositors)}`;
}

function shown({ schema, path }: Setting, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return 'none';
  if (path === 'listen' || path === 'legacySocket') {
    const { host, port } = value as { host: string; port: number };
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }
  if (path === 'auth') return authShown(value as Auth);
  if (path.endsWith('.bytes') || path.endsWith('.buffer')) return formatSize(value as number);
  if (Array.isArray(value)) return value.join(',');
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return schema['secret'] === true ? withoutPassword(text) : text;
}

function authShown(auth: Auth): string {
  if (auth === 'open') return auth;
  return `${counted(auth.length, 'token')} (${auth.map(({ name }) => name).join(', ')})`;
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = [0, 1].map((i) => Math.max(0, ...rows.map((row) => row[i]!.length)));
  return rows.map(([a, b, c]) => `  ${a!.padEnd(widths[0]!)}  ${b!.padEnd(widths[1]!)}  ${c!}\n`).join('');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
