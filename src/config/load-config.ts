import { dirname, join } from 'node:path';
import type { Config } from './config.ts';
import { CONFIG_VARIABLE, fromEnvironment, type Environment } from './from-environment.ts';
import { fromFile, fromList } from './from-file.ts';
import { CONFIG_FLAG, fromFlags, type Flags } from './from-flags.ts';
import type { GivenConfig } from './given.ts';
import { openDoor } from './open-door.ts';
import type { Problem } from './problem.ts';
import { readCompositors } from './read-compositors.ts';
import { readableFile, type ReadFile } from './read-file.ts';
import { readSettings } from './read-settings.ts';

/** Everything outside that a configuration may come from. */
export interface ConfigSources {
  readonly flags: Flags;
  readonly env: Environment;
  readonly readFile: ReadFile;
}

export type LoadedConfig = {
  /** Every file that was asked for, with what it held; undefined when there is none, or it cannot be read. */
  readonly files: ReadonlyMap<string, string | undefined>;
} & (
  | {
      readonly config: Config;
      /** Where each setting (by path) and each compositor (by id) came from; `default` for a default. */
      readonly origins: { readonly settings: Map<string, string>; readonly compositors: Map<string, string> };
    }
  | { readonly problems: readonly Problem[] }
);

const CONFIG_FILE = 'compositord.yaml';
const LIST_FILE = 'compositors.json';

/**
 * Flags win over the environment, over the file (`--config`, else `compositord.yaml` here), over defaults. The
 * compositors of all of them are added up, with those of the list: a `compositors.json` beside the file, or what the setting
 * `compositors` names. Every problem is reported, not the first one.
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
  const byFile = optional(path, readFile, fromFile, named === undefined ? undefined : namedBy);
  const settled = [byFlags, byEnvironment, byFile];
  const problems = settled.flatMap((source) => source.problems);
  const { settings, origins } = readSettings(settled, problems);
  const listNamedBy = settings.compositors === undefined ? undefined : origins.get('compositors');
  const listPath = settings.compositors ?? join(dirname(path), LIST_FILE);
  const byList = optional(listPath, readFile, fromList, listNamedBy);
  problems.push(...byList.problems);
  // The file's compositors first: a flag that repeats one is the one that is told so.
  const given = [byFile, byList, byFlags].flatMap((source) => source.compositors);
  const listed = readCompositors(given, problems);
  problems.push(...openDoor(settings, origins));
  if (problems.length > 0) return { problems, files };
  return {
    files,
    config: { settings, compositors: listed.compositors },
    origins: { settings: origins, compositors: listed.origins },
  };
}

/** What the file at `path` says. That there is none is a problem only when somebody (`namedBy`) asked for it. */
function optional(
  path: string,
  readFile: ReadFile,
  parse: (text: string, file: string) => GivenConfig,
  namedBy: string | undefined,
): GivenConfig {
  const file = readableFile(path, readFile);
  if ('text' in file) return parse(file.text.replace(/^\uFEFF/, ''), path);
  const fine = file.missing && namedBy === undefined;
  const problems = fine ? [] : [{ where: namedBy ?? path, message: file.problem }];
  return { settings: new Map(), compositors: [], problems };
}
