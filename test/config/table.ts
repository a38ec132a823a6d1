import { loadConfig, type LoadedConfig } from '../../src/config/load-config.ts';

export interface Outside {
  flags?: Record<string, string[]>;
  env?: Record<string, string>;
  /** By path. */
  files?: Record<string, string>;
}

/** Loads a configuration from a world that consists of exactly this. */
export function load({ flags = {}, env = {}, files = {} }: Outside): LoadedConfig {
  return loadConfig({
    flags,
    env,
    readFile: (path) => {
      const text = files[path];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
  });
}

/** The problems as their operator reads them. */
export function problemsOf(outside: Outside): string[] {
  const loaded = load(outside);
  return 'problems' in loaded ? loaded.problems.map(({ where, message }) => `${where}: ${message}`) : [];
}

export function configOf(outside: Outside): Exclude<LoadedConfig, { problems: unknown }> {
  const loaded = load(outside);
  if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems, null, 2));
  return loaded;
}
