import type { Flags } from '../config/from-flags.ts';
import { tryReadFile } from '../config/read-file.ts';
import { UsageError, type Flag } from './command.ts';
import type { Terminal } from './terminal.ts';

/** The daemon that a client command talks to. */
export interface ClientOptions {
  readonly url: string;
  readonly token: string | undefined;
}

const DEFAULT_URL = 'http://127.0.0.1:8760';

export const URL_FLAG: Flag = { name: 'url', value: 'URL', preset: DEFAULT_URL, text: 'The daemon.' };
export const TOKEN_FLAG: Flag = {
  name: 'token',
  value: 'TOKEN',
  text: `For a daemon that requires one. Other users can see the flags of a process: rather set COMPOSITORD_TOKEN,
or COMPOSITORD_TOKEN_FILE to the name of a file.`,
};

/** Reads `--url` and `--token`, with the variables that may hold the token. */
export function clientOptions(flags: Flags, terminal: Pick<Terminal, 'env' | 'readFile'>): ClientOptions {
  return { url: baseUrl(flags['url']?.at(-1) ?? DEFAULT_URL, '--url'), token: clientToken(flags, terminal) };
}

/** The base of an http(s) address, without slashes at its end. Rejects a query, a fragment and a login. */
export function baseUrl(text: string, flag: string): string {
  const url = /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username + url.password + url.search + url.hash !== '')
    throw new UsageError(
      `${flag}: must be an http(s) address, not ${JSON.stringify(text)}${withoutScheme(text) ? `. Did you mean http://${text}?` : ''}`,
    );
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

function withoutScheme(text: string): boolean {
  return /^[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:\/[^?#]*)?$/.test(text);
}

/** The characters of a bearer token, which are safe in a header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The client's token, from the flag or the environment. Error messages never show it. */
export function clientToken(
  flags: Flags,
  { env, readFile }: Pick<Terminal, 'env' | 'readFile'>,
): string | undefined {
  const path = env['COMPOSITORD_TOKEN_FILE'];
  const flag = flags['token']?.at(-1);
  let [where, token] =
    flag !== undefined ? ['--token', flag] : ['COMPOSITORD_TOKEN', env['COMPOSITORD_TOKEN']];
  if (!token && path) {
    const file = tryReadFile(path, readFile);
    if ('problem' in file) throw new UsageError(`COMPOSITORD_TOKEN_FILE: ${file.problem}`);
    [where, token] = ['COMPOSITORD_TOKEN_FILE', file.text.trim()];
  }
  if (!token) return undefined;
  if (!TOKEN.test(token)) throw new UsageError(`${where}: has characters that no token has`);
  return token;
}
