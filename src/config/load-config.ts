import { dirname, join } from 'node:path';
import { isLoopback } from '../domain/loopback.ts';
import type { Config, Settings } from './config.ts';
import { CONFIG_VARIABLE, fromEnvironment, type Environment } from './from-environment.ts';
import { fromFile, fromList } from './from-file.ts';
import { CONFIG_FLAG, fromFlags, type Flags } from './from-flags.ts';
import { emptyRawConfig, type Problem, type RawConfig } from './raw-config.ts';
import { readCompositors } from './read-compositors.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';
import { readSettings } from './read-settings.ts';

/** Every place that a configuration may come from. */
export interface ConfigSources {
  readonly flags: Flags;
  readonly env: Environment;
  readonly readFile: ReadFile;
}

export type LoadedConfig = {
  /** Every file that was read, with its text; undefined when it does not exist or cannot be read. */
  readonly files: ReadonlyMap<string, string | undefined>;
} & (
  | {
      readonly config: Config;
      /** The source of each setting (by path) and each compositor (by id); `default` for a default. */
      readonly origins: { readonly settings: Map<string, string>; readonly compositors: Map<string, string> };
    }
  | { readonly problems: readonly Problem[] }
);

const CONFIG_FILE = 'compositord.yaml';
const LIST_FILE = 'compositors.json';

/**
 * Flags win over the environment, over the file (`--config`, else `compositord.yaml` here), over defaults. Compositors
 * from all sources are added up, with those of the list: `compositors.json` beside the file, or the file that the setting
 * `compositors` names. Reports every problem, not only the first.
 */
export function loadConfig({ flags, env, readFile: readAny }: ConfigSources): LoadedConfig {
  const files = new Map<string, string | undefined>();
  const readFile = (path: string): string => {
    files.set(path, undefined);
    const text = readAny(path);
    files.set(path, text);
    return text;
  };
  const named = flags[CONFIG_FLAG]?.at(-1) ?? (env[CONFIG_VARIABLE] || undefined);
  const path = named ?? CONFIG_FILE;
  const namedBy = flags[CONFIG_FLAG] ? `--${CONFIG_FLAG}` : CONFIG_VARIABLE;

  const byFlags = fromFlags(flags);
  const byEnvironment = fromEnvironment(env, readFile);
  const byFile = parseFile(path, readFile, fromFile, named === undefined ? undefined : namedBy);
  const layers = [byFlags, byEnvironment, byFile];
  const problems = layers.flatMap((layer) => layer.problems);
  const { settings, origins } = readSettings(layers, problems);
  const listNamedBy = settings.compositors === undefined ? undefined : origins.get('compositors');
  const listPath = settings.compositors ?? join(dirname(path), LIST_FILE);
  const byList = parseFile(listPath, readFile, fromList, listNamedBy);
  problems.push(...byList.problems);
  // The file's compositors first: of two with one id, the problem is reported at the flag.
  const raw = [byFile, byList, byFlags].flatMap((layer) => layer.compositors);
  const compositors = readCompositors(raw, problems, readFile);
  problems.push(...requireAuth(settings, origins), ...checkJwt(settings, origins, readFile));
  if (problems.length > 0) return { problems, files };
  return {
    files,
    config: { settings, compositors: compositors.compositors, bearers: compositors.bearers },
    origins: { settings: origins, compositors: compositors.origins },
  };
}

/** Parses the file at `path`. A missing file is a problem only when `namedBy` asked for it. */
function parseFile(
  path: string,
  readFile: ReadFile,
  parse: (text: string, file: string) => RawConfig,
  namedBy: string | undefined,
): RawConfig {
  const file = tryReadFile(path, readFile);
  if ('text' in file) return parse(file.text.replace(/^\uFEFF/, ''), path);
  const optional = file.missing && namedBy === undefined;
  const problems = optional ? [] : [{ where: namedBy ?? path, message: file.problem }];
  return { ...emptyRawConfig(), problems };
}

/** Beyond loopback `auth` must be set: a daemon that other machines can reach must not be open by default. */
function requireAuth(settings: Settings, origins: ReadonlyMap<string, string>): Problem[] {
  if (origins.get('auth') !== 'default' || origins.get('jwt.jwks') !== 'default') return [];
  return (['listen', 'legacySocket'] as const).flatMap((path) => {
    const { [path]: address } = settings as Partial<Settings>;
    // An address that is invalid has a problem of its own already.
    if (!address || isLoopback(address.host)) return [];
    return [
      {
        where: origins.get(path)!,
        message: `others can reach ${address.host}:${address.port}, and auth does not say who may write: list tokens (compositord token makes one), or let everybody in with auth: open`,
      },
    ];
  });
}

/** A JWT is worth nothing without knowing who made it, and for whom. */
function checkJwt(settings: Settings, origins: ReadonlyMap<string, string>, readFile: ReadFile): Problem[] {
  const given = (['jwks', 'issuer', 'audience'] as const).filter(
    (name) => origins.get(`jwt.${name}`) !== 'default',
  );
  if (given.length === 0) return [];
  const where = origins.get(`jwt.${given[0]!}`)!;
  if (given.length < 3) return [{ where, message: 'jwt needs all of jwks, issuer and audience' }];
  if (settings.auth === 'open')
    return [
      { where, message: 'auth: open lets everybody in, so that no JWT is looked at; leave one of them out' },
    ];
  const { jwks } = settings.jwt;
  if (jwks === undefined || /^https?:/.test(jwks)) return [];
  const file = tryReadFile(jwks, readFile);
  return 'problem' in file ? [{ where: origins.get('jwt.jwks')!, message: file.problem }] : [];
}
