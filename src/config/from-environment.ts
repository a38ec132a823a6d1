import { didYouMean } from './did-you-mean.ts';
import { nothingGiven, type GivenConfig } from './given.ts';
import { readableFile, type ReadFile } from './read-file.ts';
import { ENV_PREFIX, SETTINGS } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file, like `--config`. */
export const CONFIG_VARIABLE = `${ENV_PREFIX}CONFIG`;

const BY_NAME = new Map(SETTINGS.map((setting) => [setting.env, setting]));

/** For the commands that are a daemon's clients. */
const CLIENTS = /^COMPOSITORD_TOKEN(?:_FILE)?$/;

/**
 * Kubernetes sets these in every pod when a Service is called compositord, and they say nothing to the daemon:
 * `COMPOSITORD_PORT=tcp://10.0.0.7:8760`, `COMPOSITORD_SERVICE_HOST`, …
 */
const KUBERNETES =
  /^COMPOSITORD_(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/;

/** What the variables that begin with `COMPOSITORD_` say. An empty one says nothing. */
export function fromEnvironment(environment: Environment, readFile: ReadFile): GivenConfig {
  const given = nothingGiven();
  for (const name of Object.keys(environment).sort()) {
    if (!name.startsWith(ENV_PREFIX) || name === CONFIG_VARIABLE) continue;
    if (KUBERNETES.test(name) || CLIENTS.test(name)) continue;
    const text = environment[name] ?? '';
    const isFile = !BY_NAME.has(name) && name.endsWith('_FILE');
    const setting = BY_NAME.get(isFile ? name.slice(0, -'_FILE'.length) : name);
    if (!setting) {
      const known = [...BY_NAME.keys(), CONFIG_VARIABLE];
      given.problems.push({ where: name, message: `unknown variable.${didYouMean(name, known)}` });
    } else if (text !== '') {
      const twice = given.settings.get(setting.path);
      if (twice) given.problems.push({ where: name, message: `${twice.where} sets ${setting.path} already` });
      else if (!isFile) given.settings.set(setting.path, { value: text, where: name, asText: true });
      else {
        const content = readableFile(text, readFile);
        if ('problem' in content) given.problems.push({ where: name, message: content.problem });
        // Editors and `echo` end a file with a newline that is no part of the secret.
        else
          given.settings.set(setting.path, {
            value: content.text.replace(/\r?\n$/, ''),
            where: name,
            asText: true,
          });
      }
    }
  }
  return given;
}
