import { Type } from '@sinclair/typebox';
import { MAX_MORE_TYPES, mayBeRelayed } from '../domain/relay-types.ts';
import { SCOPES } from '../domain/token.ts';
import { isNamespace, storeAddressProblem } from '../domain/store-address.ts';
import { AUTH_EXPECTS, explainAuth, parseAuth, parseScopes } from './auth-setting.ts';
import {
  explainListenAddress,
  isHostName,
  isOrigin,
  listOf,
  parseListenAddress,
  parseTrustProxy,
  type SocketAddress,
} from './formats.ts';
import { connect } from './connect-settings.ts';
import { bricks, geometryOs } from './geometry-os-settings.ts';
import { jwt } from './jwt-settings.ts';
import { limits } from './limit-settings.ts';
import { manifestFile, manifestFileOwner } from './manifest-file-settings.ts';
import { quota } from './quota-settings.ts';
import { redis } from './redis-settings.ts';
import {
  explainPath,
  isPath,
  oneOf,
  parsedSetting,
  printableText,
  seconds,
  textSetting,
  wholeNumber,
} from './setting-types.ts';
import { history, stream } from './stream-settings.ts';
import { telemetry } from './telemetry-settings.ts';

function parseWorkers(value: unknown): number | 'auto' | undefined {
  if (value === 'auto') return value;
  const count = typeof value === 'string' && /^[0-9]+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(count) && (count as number) >= 1 && (count as number) <= 64
    ? (count as number)
    : undefined;
}

/** Every setting: its type, bounds, default and description. The type `Settings` is derived from it. */
export const SettingsSchema = Type.Object({
  name: printableText(64, {
    default: 'compositord',
    flag: 'daemon-name',
    description: 'The name of this daemon; it identifies whose configuration a static compositor comes from.',
  }),
  listen: parsedSetting('host:port, such as 127.0.0.1:8760 or [::1]:8760', parseListenAddress, {
    explain: explainListenAddress,
    default: '127.0.0.1:8760',
    placeholder: 'HOST:PORT',
    description: 'The address to listen on. Port 0 picks a free port.',
  }),
  backlog: wholeNumber('', 1, 65_535, {
    default: 4096,
    description:
      'Connections that may wait to be accepted; the kernel has a limit, too (`net.core.somaxconn`).',
  }),
  workers: parsedSetting<number | 'auto'>('auto, or a whole number from 1 to 64', parseWorkers, {
    default: 1,
    placeholder: 'auto|N',
    offers: ['auto'],
    description: 'Processes that serve together. `auto`: one a core, each with 512 MiB of memory.',
  }),
  store: textSetting(
    'file:<folder>, redis://host, redis+sentinel://h1,h2/master, redis+cluster://h1,h2 or unix:///path',
    (address) => storeAddressProblem(address) === undefined,
    {
      explain: storeAddressProblem,
      default: 'file:./data',
      secret: true,
      placeholder: 'STORE',
      description: 'Where commits are stored: a folder of this daemon, or a Redis that replicas share.',
    },
  ),
  namespace: textSetting('1 to 64 letters, digits, dots, dashes and underscores', isNamespace, {
    default: 'compositord',
    placeholder: 'NAME',
    description: 'The prefix of all keys in Redis.',
  }),
  redis,
  history,
  refill: oneOf(['auto', 'never'], {
    path: 'store.refill',
    default: 'auto',
    description: 'Whether a replica that still has the data refills a store that lost them.',
  }),
  quota,
  lease: Type.Object({
    ttl: wholeNumber(' of seconds', 1, 86_400, {
      default: 30,
      description: 'Duration of a lease, in seconds, unless its compositor asks for another.',
    }),
    retention: seconds(0, 604_800, {
      default: 60,
      description: 'Time from the end of a lease to the removal of its compositor and tiles, in seconds.',
    }),
    guard: seconds(0, 604_800, {
      default: 600,
      description:
        'Maximum time, in seconds, for which removals wait while more than half of the fleet is stale.',
    }),
  }),
  stream,
  limits,
  connect,
  compositors: Type.Optional(
    textSetting('the path of a file', isPath, {
      explain: explainPath,
      placeholder: 'FILE',
      offers: 'file',
      live: 'The list that it names is read, and compositors come and go with it.',
      description: 'A JSON list of compositors, instead of `compositors.json` beside the configuration file.',
    }),
  ),
  auth: Type.Optional(
    parsedSetting(AUTH_EXPECTS, parseAuth, {
      explain: explainAuth,
      secret: true,
      placeholder: 'JSON',
      live: 'Tokens that are new are good at once; streams, sockets and links of those that are gone end within 5 s.',
      description:
        'The tokens and their rights. Default: open on loopback; required to listen beyond loopback.',
    }),
  ),
  anonymous: parsedSetting(`a list of scopes out of ${SCOPES.join(', ')}`, parseScopes, {
    path: 'auth.anonymous',
    default: [],
    placeholder: 'LIST',
    offers: SCOPES,
    live: 'Counts from the next request on; streams that nobody may have any more end within 5 s.',
    description: 'The scopes of callers without a token, when `auth` lists tokens.',
  }),
  jwt,
  session: Type.Object({
    maxAge: wholeNumber(' of seconds', 60, 2_592_000, {
      default: 43_200,
      description: 'Duration of a browser session, in seconds.',
    }),
  }),
  hosts: parsedSetting('a list of host names without ports', listOf(isHostName), {
    default: [],
    placeholder: 'LIST',
    description:
      'The host names to accept in `Host`, besides localhost. Default: on loopback none, beyond it all.',
  }),
  cors: Type.Object({
    origins: parsedSetting<string[] | undefined>(
      'a list of origins, such as https://map.example',
      listOf(isOrigin),
      {
        placeholder: 'LIST',
        description: 'Origins of web pages that may read and write. Default: all may read, none may write.',
      },
    ),
  }),
  trustProxy: parsedSetting(
    'true, false, a number of proxies, or a list of their addresses',
    parseTrustProxy,
    {
      default: false,
      placeholder: 'PROXIES',
      description: 'The proxies whose `X-Forwarded-*` headers are trusted.',
    },
  ),
  basePath: parsedSetting('a path such as / or /compositord', parseBasePath, {
    default: '/',
    placeholder: 'PATH',
    description: 'The path under which a proxy serves the daemon.',
  }),
  shutdown: Type.Object({
    grace: seconds(0.1, 600, {
      default: 8,
      description: 'Time for requests and streams to end after SIGTERM, in seconds.',
    }),
  }),
  log: Type.Object({
    level: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      live: 'Counts from the next line on, in every worker.',
      description: 'Minimum severity of log lines.',
    }),
    format: oneOf(['auto', 'json', 'pretty'], {
      default: 'auto',
      description: 'The form of log lines. `auto`: `pretty` on a terminal, otherwise `json`.',
    }),
  }),
  brickUrl: Type.Optional(
    textSetting('an http(s) address or a path', isBrickUrl, {
      placeholder: 'URL',
      description:
        'Where the map page finds pictures of bricks: a folder, or an address with `{brick}` for the name.',
    }),
  ),
  relay: Type.Object({
    types: parsedSetting(
      `a list of at most ${MAX_MORE_TYPES} types of messages, such as roadmap_update`,
      parseRelayTypes,
      {
        default: [],
        placeholder: 'LIST',
        description:
          'More types of messages that are passed on between sockets and compositors (docs/infinite-map.md).',
      },
    ),
  }),
  telemetry,
  legacySocket: Type.Optional(
    parsedSetting<SocketAddress>('host:port, such as 127.0.0.1:8765', parseListenAddress, {
      explain: explainListenAddress,
      placeholder: 'HOST:PORT',
      description:
        'Additional address to listen on, for the WebSocket of an InfiniteMap that polls its file.',
    }),
  ),
  geometryOs,
  bricks,
  manifestFile,
  manifestFileOwner,
});

function parseRelayTypes(value: unknown): string[] | undefined {
  const types = listOf(mayBeRelayed)(value);
  return types && types.length <= MAX_MORE_TYPES ? types : undefined;
}

/** Parses `/a/b`, with or without a slash at its end; `/` is the root. */
function parseBasePath(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^(?:\/[A-Za-z0-9._~-]+)*\/?$/.test(value) || value === '')
    return undefined;
  return value === '/' ? '/' : value.replace(/\/$/, '');
}

function isBrickUrl(url: string): boolean {
  if (/[\s\p{C}]/u.test(url)) return false;
  return /^https?:\/\//.test(url) ? URL.canParse(url) : /^\/(?!\/)/.test(url);
}
