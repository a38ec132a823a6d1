import { parseAuth, parseScopes } from '../config/auth-setting.ts';
import { isPrintable } from '../config/setting-types.ts';
import { newToken } from '../services/access/tokens.ts';
import { OK, UsageError, type Command } from './command.ts';

export const token: Command = {
  name: 'token',
  summary: 'Make a token, and the configuration for it.',
  help: `Usage: compositord token [--name NAME] [--scopes read,write] [--compositors ID,ID]

Prints a random token, which is shown only once, and the configuration that contains its hash.

  --name NAME            The name of its owner, for the log; by default client.
  --scopes LIST          Out of read (the manifest and its stream), write (registrations, tiles, leases), command (commands
                         and requests to compositors) and admin (everything); by default read,write.
  --compositors LIST     Limit writes and commands to these ids; wall-* means all that begin with wall-.
`,
  values: ['name', 'scopes', 'compositors'],
  switches: [],
  operands: 0,
  run: async ({ flags }, terminal) => {
    const name = flags['name']?.at(-1) ?? 'client';
    if (!isPrintable(name, 64)) throw new UsageError('--name: must be 1 to 64 printable characters');
    const scopes = parseScopes(flags['scopes']?.at(-1) ?? 'read,write');
    if (!scopes) throw new UsageError('--scopes: must be a list out of read, write, command, admin');
    const compositors = flags['compositors']?.at(-1)?.split(',');
    const created = newToken();
    const entry = { name, hash: `sha256:${created.hash}`, scopes, ...(compositors && { compositors }) };
    const json = JSON.stringify(entry);
    if (parseAuth([entry]) === undefined)
      throw new UsageError('--compositors: must be a list of ids, or of beginnings with * behind');
    terminal.stdout(`Token, for the client, shown this once:
  ${created.token}

In compositord.yaml, below daemon: (JSON is YAML, too)
  auth:
    - ${json}

Or in the environment, alone:
  COMPOSITORD_AUTH=${quoted(`[${json}]`)}
`);
    return OK;
  },
};

/** Quoted for a shell and for an .env file. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
