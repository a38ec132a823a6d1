import { Type } from '@sinclair/typebox';
import { isAddressRule } from '../domain/address-policy.ts';
import { SCOPES } from '../domain/token.ts';
import { isNamespace, storeAddressProblem } from '../domain/store-address.ts';
import { AUTH_EXPECTS, explainAuth, parseAuth, parseScopes } from './auth-setting.ts';
import { isHostName, isOrigin, listOf, parseListenAddress, parseSize, parseTrustProxy } from './formats.ts';
import { jwt } from './jwt-settings.ts';
import { limits } from './limit-settings.ts';
import { quota } from './quota-settings.ts';
import {
  isPath,
  oneOf,
  parsedSetting,
  printableText,
  seconds,
  textSetting,
  wholeNumber,
} from './setting-types.ts';

const BYTES = 'bytes from 64 KiB to 1 TiB, such as 1048576 or 64 MiB';

const parseBytes = (value: unknown) => {
  const size = parseSize(value);
  return size !== undefined && size >= 2 ** 16 && size <= 2 ** 40 ? size : undefined;
};

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
    default: '127.0.0.1:8760',
    description: 'The address to listen on. Port 0 picks a free port.',
  }),
  backlog: wholeNumber('', 1, 65_535, {
    default: 4096,
    description:
      'Connections that may wait to be accepted; the kernel has a limit, too (`net.core.somaxconn`).',
  }),
  workers: parsedSetting<number | 'auto'>('auto, or a whole number from 1 to 64', parseWorkers, {
    default: 1,
    description: 'Processes that serve together. `auto`: one a core, each with 512 MiB of memory.',
  }),
  store: textSetting(
    'file:<folder>, redis://host, rediss://host, redis+sentinel://h1,h2/master or redis+cluster://h1,h2',
    (address) => storeAddressProblem(address) === undefined,
    {
      explain: storeAddressProblem,
      default: 'file:./data',
      secret: true,
      description: 'Where commits are stored: a folder of this daemon, or a Redis that replicas share.',
    },
  ),
  namespace: textSetting('1 to 64 letters, digits, dots, dashes and underscores', isNamespace, {
    default: 'compositord',
    description: 'The prefix of all keys in Redis.',
  }),
  history: Type.Object({
    commits: wholeNumber('', 1, 1_000_000, {
      default: 10_000,
      description: 'Minimum number of commits to keep for resuming.',
    }),
    seconds: seconds(0, 604_800, {
      default: 300,
      description: 'Minimum time to keep a commit for resuming, in seconds.',
    }),
    bytes: parsedSetting(BYTES, parseBytes, {
      default: '64 MiB',
      description: 'Maximum size of the history; it overrides the two minimums above.',
    }),
  }),
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
  stream: Type.Object({
    heartbeat: seconds(0.1, 300, {
      default: 15,
      description: 'Interval of heartbeats on a stream that has nothing to send, in seconds.',
    }),
    maxAge: seconds(1, 604_800, {
      default: 1800,
      description:
        'Maximum age of a stream, in seconds; readers then reconnect and spread over the replicas.',
    }),
    retry: seconds(0.1, 300, {
      default: 2,
      description: 'Approximate reconnect delay, in seconds.',
    }),
    buffer: parsedSetting(BYTES, parseBytes, {
      default: '1 MiB',
      description: 'Maximum amount of changes kept for a slow reader; beyond it, the reader gets a snapshot.',
    }),
    maxReaders: wholeNumber('', 1, 1_000_000, {
      default: 15_000,
      description: 'Maximum number of open streams.',
    }),
  }),
  limits,
  connect: Type.Object({
    allow: parsedSetting<string[] | undefined>(
      'a list of loopback, private, public, and networks such as 10.0.0.0/8',
      listOf(isAddressRule),
      {
        description:
          'Networks that compositors may be in. Default: public, and loopback if the daemon listens there.',
      },
    ),
    interval: seconds(0.1, 3600, {
      default: 10,
      description: 'Interval between two health checks of a healthy compositor, in seconds.',
    }),
    timeout: seconds(0.1, 300, {
      default: 5,
      description: 'Timeout for connecting to a compositor and for each of its answers, in seconds.',
    }),
    failures: wholeNumber('', 1, 100, {
      default: 3,
      description: 'Number of failures in a row that turn a compositor `disconnected`.',
    }),
    passes: wholeNumber('', 1, 100, {
      default: 1,
      description: 'Number of good answers in a row that turn a compositor `connected`.',
    }),
    perTarget: wholeNumber('', 1, 100_000, {
      default: 256,
      description:
        'Maximum connections to one address and port; forwarded requests have as many of their own.',
    }),
    parallel: wholeNumber('', 1, 10_000, {
      default: 64,
      description: 'Maximum concurrent health checks, for each of: healthy, new and failing compositors.',
    }),
  }),
  compositors: Type.Optional(
    textSetting('the path of a file', isPath, {
      live: true,
      description: 'A JSON list of compositors, instead of `compositors.json` beside the configuration file.',
    }),
  ),
  auth: Type.Optional(
    parsedSetting(AUTH_EXPECTS, parseAuth, {
      explain: explainAuth,
      secret: true,
      live: true,
      description:
        'The tokens and their rights. Default: open on loopback; required to listen beyond loopback.',
    }),
  ),
  anonymous: parsedSetting(`a list of scopes out of ${SCOPES.join(', ')}`, parseScopes, {
    path: 'auth.anonymous',
    default: [],
    live: true,
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
    description:
      'The host names to accept in `Host`, besides localhost. Default: on loopback none, beyond it all.',
  }),
  cors: Type.Object({
    origins: parsedSetting<string[] | undefined>(
      'a list of origins, such as https://map.example',
      listOf(isOrigin),
      {
        description: 'Origins of web pages that may read and write. Default: all may read, none may write.',
      },
    ),
  }),
  trustProxy: parsedSetting(
    'true, false, a number of proxies, or a list of their addresses',
    parseTrustProxy,
    {
      default: false,
      description: 'The proxies whose `X-Forwarded-*` headers are trusted.',
    },
  ),
  basePath: parsedSetting('a path such as / or /compositord', parseBasePath, {
    default: '/',
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
      description: 'Minimum severity of log lines.',
    }),
    format: oneOf(['auto', 'json', 'pretty'], {
      default: 'auto',
      description: 'The form of log lines. `auto`: `pretty` on a terminal, otherwise `json`.',
    }),
  }),
  brickUrl: Type.Optional(
    textSetting('an http(s) address or a path', isBrickUrl, {
      description:
        'Where the map page finds pictures of bricks: a folder, or an address with `{brick}` for the name.',
    }),
  ),
  legacySocket: Type.Optional(
    parsedSetting('host:port, such as 127.0.0.1:8765', parseListenAddress, {
      description:
        'Additional address to listen on, for the WebSocket of an InfiniteMap that polls its file.',
    }),
  ),
});

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
