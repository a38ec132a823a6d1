import { isPrintable } from '../config/setting-types.ts';
import { parseAuth, parseScopes } from '../config/auth-setting.ts';
import { newToken } from '../services/access/tokens.ts';
import { OK, USAGE, type Command } from './command.ts';

export const token: Command = {
  name: 'token',
  summary: 'Make a token, and the line of the configuration that knows it.',
  help: `Usage: compositord token [--name NAME] [--scopes read,write] [--compositors ID,ID]

Prints a random token, which no one can print again, and what the daemon is told of it: its hash.

  --name NAME            Whose it is, for the log; by default client.
  --scopes LIST          Out of read (the manifest and its stream), write (registrations, tiles, leases), command (commands
                         and requests to compositors) and admin (everything); by default read,write.
  --compositors LIST     Writes and commands only for these ids; wall-* is all that begin so.
`,
  values: ['name', 'scopes', 'compositors'],
  switches: [],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const complain = (problem: string) => {
      terminal.stderr(`${problem}\n`);
      return USAGE;
    };
    const name = flags['name']?.at(-1) ?? 'client';
    if (!isPrintable(name, 64)) return complain('--name: must be 1 to 64 printable characters');
    const scopes = parseScopes(flags['scopes']?.at(-1) ?? 'read,write');
    if (!scopes) return complain('--scopes: must be a list out of read, write, command, admin');
    const compositors = flags['compositors']?.at(-1)?.split(',');
    const made = newToken();
    const entry = { name, hash: `sha256:${made.hash}`, scopes, ...(compositors && { compositors }) };
    const json = JSON.stringify(entry);
    if (parseAuth([entry]) === undefined)
      return complain('--compositors: must be a list of ids, or of beginnings with * behind');
    terminal.stdout(`Token, for the client, shown this once:
  ${made.token}

In compositord.yaml, below daemon: (JSON is YAML, too)
  auth:
    - ${json}

Or in the environment, alone:
  COMPOSITORD_AUTH=${quoted(`[${json}]`)}
`);
    return OK;
  },
};

/** As a shell, and an .env file, take it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
