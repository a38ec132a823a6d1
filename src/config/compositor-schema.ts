import { Type } from '@sinclair/typebox';
import { BACKENDS, MAX_COMMANDS, parseCommandRoutes } from '../domain/command-routes.ts';
import { isCompositorId, PROTOCOLS } from '../domain/compositor.ts';
import { hostIn } from '../domain/host-address.ts';
import { isObject } from '../domain/json.ts';
import { isPrintable } from '../domain/printable.ts';
import { limitsOf, type RegistrationLimits } from '../domain/registration-limits.ts';
import type { Scope } from '../domain/token.ts';
import { parseRect } from '../domain/view.ts';
import { parseQuota } from './auth-setting.ts';
import { listOf } from './formats.ts';
import { boolean, oneOf, parsedSetting, printableText, textSetting, wholeNumber } from './setting-types.ts';

/**
 * One compositor as a section of the file describes it; its id is the section's key. The fields have the limits of a
 * registration over HTTP (routes/schemas/compositor.ts).
 */
export const CompositorSchema = Type.Object({
  id: textSetting('lower-case letters, digits, dots, dashes and underscores, at most 64', isCompositorId, {
    description: 'Its id; by default made from its name.',
  }),
  name: printableText(128, { description: 'Its name; by default its key.' }),
  version: printableText(64, { description: 'The version of its program.' }),
  platform: printableText(64, { description: 'The platform it runs on, such as linux.' }),
  protocol: oneOf(PROTOCOLS, { description: 'The protocol that the daemon speaks with it.' }),
  address: textSetting(
    'a host name or an IP address (for libp2p a multiaddr), without a scheme and a port',
    isAddress,
    {
      description: 'Its host name or IP address; for libp2p a multiaddr.',
    },
  ),
  port: wholeNumber('', 1, 65_535, { description: 'Its port.' }),
  labels: parsedSetting('a mapping of at most 64 names to texts of at most 256 characters', parseLabels, {
    description: 'Labels: names and values of your own.',
  }),
  capabilities: parsedSetting('a list of at most 64 texts of 1 to 64 characters', parseCapabilities, {
    description: 'The capabilities it offers.',
  }),
  commands: parsedSetting(
    `a mapping of at most ${MAX_COMMANDS} names to { method: GET, POST, PUT, PATCH or DELETE, path: /a/{parameter} }`,
    parseCommandRoutes,
    {
      description:
        'Its commands as requests of its own HTTP API, see [commands.md](commands.md#commands-as-requests). Default: it takes any command at `POST /commands`.',
    },
  ),
  backend: oneOf(Object.keys(BACKENDS), {
    description: 'A program whose commands are known; those of `commands` come on top.',
  }),
  auth: parsedSetting('a mapping { bearerFile: <path> }', parseCredentials, {
    secret: true,
    description:
      'What the daemon shows to it: `bearerFile` names a file with a bearer token. It is sent to this address alone.',
  }),
  limits: parsedSetting('a mapping of view, quota and takeover, as for a token', parseLimits, {
    description:
      'What it may write over its own connection, as a token with `compositors: [<its id>]` may: `view`, `quota`, `takeover: true`. Default: no limits.',
  }),
  enabled: boolean({ description: 'If false, it is listed, but the daemon does not connect to it.' }),
});

function parseLabels(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  const labels = Object.entries(value as Record<string, string>);
  const valid = labels.every(
    ([key, text]) =>
      /^[A-Za-z0-9][A-Za-z0-9._/-]{0,62}$/.test(key) && (text === '' || isPrintable(text, 256)),
  );
  return valid && labels.length <= 64 ? Object.fromEntries(labels) : undefined;
}

/** How the daemon is known to a compositor, as the configuration says it. */
export interface Credentials {
  readonly bearerFile: string;
}

function parseCredentials(value: unknown): Credentials | undefined {
  const { bearerFile, ...rest } = (value ?? {}) as Partial<Credentials>;
  const valid = typeof bearerFile === 'string' && bearerFile !== '' && Object.keys(rest).length === 0;
  return valid ? { bearerFile } : undefined;
}

const LIMITS = ['view', 'quota', 'takeover'];

/** The limits of a section, without the id that they are for. */
function parseLimits(value: unknown): RegistrationLimits | undefined {
  if (!isObject(value) || Object.keys(value).some((key) => !LIMITS.includes(key))) return undefined;
  const { view, quota, takeover } = value;
  const rect = typeof view === 'string' ? parseRect(view) : undefined;
  const parsedQuota = quota === undefined ? undefined : parseQuota(quota);
  if ((view !== undefined && !rect) || (quota !== undefined && !parsedQuota)) return undefined;
  if (takeover !== undefined && typeof takeover !== 'boolean') return undefined;
  const scopes: Scope[] = takeover === true ? ['takeover'] : [];
  return limitsOf({ key: '', compositors: [], view: rect, quota: parsedQuota, scopes });
}

function parseCapabilities(value: unknown): string[] | undefined {
  const texts = listOf((text) => isPrintable(text, 64))(value);
  return texts && texts.length <= 64 ? texts : undefined;
}

/** Whether a connection could ever be made there: a template leaves URLs, ports and variables that nobody filled in. */
function isAddress(text: string): boolean {
  if (!isPrintable(text, 255) || /\s/.test(text)) return false;
  return text.startsWith('/') || hostIn(text) !== undefined;
}
