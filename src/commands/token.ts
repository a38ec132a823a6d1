import { parseAuth, parseScopes } from '../config/auth-setting.ts';
import { isPrintable, printableExpects } from '../domain/printable.ts';
import { SCOPES } from '../domain/token.ts';
import { newToken } from '../services/access/tokens.ts';
import { OK, UsageError, type Command } from './command.ts';

const DEFAULT_NAME = 'client';
const DEFAULT_SCOPES = 'read,write';

export const token: Command = {
  name: 'token',
  summary: 'Make a token, and the configuration for it.',
  about: 'Prints a random token, which is shown only once, and the configuration that contains its hash.',
  flags: [
    { name: 'name', value: 'NAME', preset: DEFAULT_NAME, text: 'The name of its owner, for the log.' },
    {
      name: 'scopes',
      value: 'LIST',
      preset: DEFAULT_SCOPES,
      offers: SCOPES,
      text: `Out of read (the manifest and its stream), write (registrations, tiles, leases), command (commands and
requests to compositors) and admin (everything). A limited token also needs takeover to take tiles of others, and
connect to give a compositor an address.`,
    },
    {
      name: 'compositors',
      value: 'LIST',
      text: 'Limit writes and commands to these ids; wall-* means all that begin with wall-.',
    },
    { name: 'view', value: 'X1,Y1,X2,Y2', text: 'Limit writes to the tiles within these corners.' },
    {
      name: 'not-after',
      value: 'INSTANT',
      preset: 'never',
      text: 'When it ends, such as 2027-01-31T00:00:00Z.',
    },
  ],
  run: async ({ flags }, terminal) => {
    const name = flags['name']?.at(-1) ?? DEFAULT_NAME;
    if (!isPrintable(name, 64)) throw new UsageError(`--name: must be ${printableExpects(1, 64)}`);
    const scopes = parseScopes(flags['scopes']?.at(-1) ?? DEFAULT_SCOPES);
    if (!scopes) throw new UsageError(`--scopes: must be a list out of ${SCOPES.join(', ')}`);
    const compositors = flags['compositors']?.at(-1)?.split(',');
    const created = newToken();
    const view = flags['view']?.at(-1);
    const notAfter = flags['not-after']?.at(-1);
    let entry = { name, hash: `sha256:${created.hash}`, scopes };
    for (const [flag, value, field, expects] of [
      ['compositors', compositors, { compositors }, 'a list of ids, or of beginnings with * behind'],
      ['view', view, { view }, 'four whole numbers, such as 0,0,99,99'],
      ['not-after', notAfter, { notAfter }, 'an instant, such as 2027-01-31T00:00:00Z'],
    ] as const) {
      if (value === undefined) continue;
      entry = { ...entry, ...field };
      if (parseAuth([entry]) === undefined) throw new UsageError(`--${flag}: must be ${expects}`);
    }
    const json = JSON.stringify(entry);
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
