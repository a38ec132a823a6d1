import type { Flags } from '../config/from-flags.ts';
import { tryReadFile } from '../config/read-file.ts';
import type { Terminal } from './terminal.ts';

export const TOKEN_FLAG = 'token';
export const TOKEN_HELP = `  --token TOKEN          For a daemon that asks for one; better in COMPOSITORD_TOKEN (or a file that COMPOSITORD_TOKEN_FILE
                         names), since everybody on the machine sees the flags of a program.`;

/** Fit for a header. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/** The token that a client of a daemon was given, by flag or environment. What is wrong with it never shows it. */
export function clientToken(
  flags: Flags,
  { env, readFile }: Pick<Terminal, 'env' | 'readFile'>,
): { readonly token: string | undefined } | { readonly problem: string } {
  const path = env['COMPOSITORD_TOKEN_FILE'];
  const flag = flags[TOKEN_FLAG]?.at(-1);
  const variable = env['COMPOSITORD_TOKEN'];
  let [where, token] = flag !== undefined ? ['--token', flag] : ['COMPOSITORD_TOKEN', variable];
  if (!token && path) {
    const file = tryReadFile(path, readFile);
    if ('problem' in file) return { problem: `COMPOSITORD_TOKEN_FILE: ${file.problem}` };
    [where, token] = ['COMPOSITORD_TOKEN_FILE', file.text.trim()];
  }
  if (!token) return { token: undefined };
  return TOKEN.test(token) ? { token } : { problem: `${where}: has characters that no token has` };
}
