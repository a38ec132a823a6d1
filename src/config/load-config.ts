import { dirname, join } from 'node:path';
import { isLoopback } from '../domain/loopback.ts';
import type { Config, Settings } from './config.ts';
import { checkRedis } from './check-redis.ts';
import { CONFIG_VARIABLE, fromEnvironment, type Environment } from './from-environment.ts';
import { fromFile, fromList } from './from-file.ts';
import { CONFIG_FLAG, fromFlags, type Flags } from './from-flags.ts';
import { checkSystems, withSystems } from './geometry-os.ts';
import { emptyRawConfig, formatProblem, type Problem, type RawConfig } from './raw-config.ts';
import { readCompositors, type CompositorOrigin } from './read-compositors.ts';
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
      readonly origins: {
        readonly settings: Map<string, string>;
        readonly compositors: Map<string, CompositorOrigin>;
      };
    }
  | { readonly problems: readonly Problem[] }
);

const CONFIG_FILE = 'compositord.yaml';
/** It is looked for, too. */
const OTHER_CONFIG_FILE = 'compositord.yml';
const LIST_FILE = 'compositors.json';

/**
 * Flags win over the environment, over the file (`--config`, else `compositord.yaml` or `compositord.yml` here), over
 * defaults. Compositors come from the flags, the file and the list: `compositors.json` beside the file, or the file that the
 * setting `compositors` names. Reports every problem, not only the first.
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
  const found = named === undefined ? findFile(readFile) : { path: named, problems: [] };
  const { path } = found;
  const namedBy = flags[CONFIG_FLAG] ? `--${CONFIG_FLAG}` : CONFIG_VARIABLE;

  const byFlags = fromFlags(flags);
  const byEnvironment = fromEnvironment(env, readFile);
  const byFile = parseFile(path, readFile, fromFile, named === undefined ? undefined : namedBy);
  const layers = [byFlags, byEnvironment, byFile];
  const problems = [...found.problems, ...layers.flatMap((layer) => layer.problems)];
  const { settings: given, origins } = readSettings(layers, problems);
  const settings = withSystems(given, origins);
  const listNamedBy = settings.compositors === undefined ? undefined : origins.get('compositors');
  const listPath = settings.compositors ?? join(dirname(path), LIST_FILE);
  const byList = parseFile(listPath, readFile, fromList, listNamedBy);
  problems.push(...byList.problems);
  const sources = [byFlags, byFile, byList].map((layer) => layer.compositors);
  const { compositors, bearers, ...read } = readCompositors(sources, problems, readFile);
  problems.push(
    ...requireAuth(settings, origins),
    ...checkJwt(settings, origins, readFile),
    ...checkRedis(settings, origins, readFile),
    // Not a file of the configuration: nobody watches it.
    ...checkSystems(settings, origins, readAny),
  );
  if (problems.length > 0) return { problems, files };
  return {
    files,
    config: { settings, compositors, bearers, warnings: read.warnings.map(formatProblem) },
    origins: { settings: origins, compositors: read.origins },
  };
}

/** The file in this folder, under either of its names; two of them are a problem. */
function findFile(readFile: ReadFile): { path: string; problems: Problem[] } {
  const [yaml, yml] = [CONFIG_FILE, OTHER_CONFIG_FILE].map((path) => {
    const file = tryReadFile(path, readFile);
    return 'text' in file || !file.missing;
  });
  const message = `${CONFIG_FILE} is there, too: keep one of them`;
  return {
    path: yml && !yaml ? OTHER_CONFIG_FILE : CONFIG_FILE,
    problems: yml && yaml ? [{ where: OTHER_CONFIG_FILE, message }] : [],
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
