import { didYouMean } from './did-you-mean.ts';
import { emptyRawConfig, type RawConfig } from './raw-config.ts';
import { tryReadFile, type ReadFile } from './read-file.ts';
import { ENV_PREFIX, SETTINGS } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file, like `--config`. */
export const CONFIG_VARIABLE = `${ENV_PREFIX}CONFIG`;

const BY_NAME = new Map(SETTINGS.map((setting) => [setting.env, setting]));

/** The commands that are clients of a daemon read these. */
const CLIENT_VARIABLES = /^COMPOSITORD_TOKEN(?:_FILE)?$/;

/**
 * Kubernetes sets these in every pod for each Service of its namespace; the daemon ignores those of Services named compositord or
 * `compositord-…`: `COMPOSITORD_PORT=tcp://10.0.0.7:8760`, `COMPOSITORD_REDIS_SERVICE_HOST`, …
 */
const KUBERNETES =
  /^COMPOSITORD_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT_[0-9]+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
/** By its value, too: `COMPOSITORD_LISTEN_PORT=8760` is somebody's mistake. */
const KUBERNETES_PORT = { name: /^COMPOSITORD_(?:[A-Z0-9_]+_)?PORT$/, value: /^(?:tcp|udp|sctp):\/\/[^/]+$/ };

/** Reads the variables that begin with `COMPOSITORD_`. An empty one sets nothing. */
export function fromEnvironment(environment: Environment, readFile: ReadFile): RawConfig {
  const raw = emptyRawConfig();
  for (const name of Object.keys(environment).sort()) {
    if (!name.startsWith(ENV_PREFIX) || name === CONFIG_VARIABLE) continue;
    const text = environment[name] ?? '';
    if (isOfKubernetes(name, text) || CLIENT_VARIABLES.test(name)) continue;
    const complain = (message: string) => raw.problems.push({ where: name, message });
    const isFile = !BY_NAME.has(name) && name.endsWith('_FILE');
    const setting = BY_NAME.get(isFile ? name.slice(0, -'_FILE'.length) : name);
    const other = setting && raw.settings.get(setting.path);
    const file = isFile && setting && text !== '' ? tryReadFile(text, readFile) : { text };
    if (!setting) complain(`unknown variable.${didYouMean(name, [...BY_NAME.keys(), CONFIG_VARIABLE])}`);
    else if (text === '') continue;
    else if (other) complain(`${other.where} sets ${setting.path} already`);
    else if ('problem' in file) complain(file.problem);
    else {
      // Editors and `echo` end a file with a newline that is not part of the secret.
      const value = isFile ? file.text.replace(/\r?\n$/, '') : text;
      raw.settings.set(setting.path, { value, where: name, asText: true });
    }
  }
  return raw;
}

function isOfKubernetes(name: string, value: string): boolean {
  if (KUBERNETES.test(name)) return true;
  return KUBERNETES_PORT.name.test(name) && KUBERNETES_PORT.value.test(value);
}
