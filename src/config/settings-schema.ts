import { Type } from '@sinclair/typebox';
import { isAddressRule } from '../domain/address-policy.ts';
import { oneOf, printable, seconds, wholeNumber, written } from './leaf.ts';
import { isHostName, isOrigin, listOf, parseTrustProxy } from './lists.ts';
import { parseListenAddress } from './listen-address.ts';
import { AUTH_EXPECTS, readAuth, readScopes, whyNoAuth } from './read-auth.ts';
import { parseSize } from './size.ts';
import { parseStoreAddress } from './store-address.ts';

const BYTES = 'bytes from 64 KiB to 1 TiB, such as 1048576 or 64 MiB';

/** A text that `fits`. */
const text = (fits: (text: string) => boolean) => (given: unknown) =>
  typeof given === 'string' && fits(given) ? given : undefined;

const bytes = (given: unknown) => {
  const size = parseSize(given);
  return size !== undefined && size >= 2 ** 16 && size <= 2 ** 40 ? size : undefined;
};

/** The one truth about every setting: its type, bounds, default, and what it is for. `Settings` is its type. */
export const SettingsSchema = Type.Object({
  name: printable(64, {
    default: 'compositord',
    flag: 'daemon-name',
    description: 'Names this daemon, as the one that lists the compositors of its configuration.',
  }),
  listen: written('host:port, such as 127.0.0.1:8760 or [::1]:8760', parseListenAddress, {
    default: '127.0.0.1:8760',
    description: 'Where it listens. Port 0 is any free one.',
  }),
  store: written(
    'file:<folder>, redis://host, rediss://host, redis+sentinel://h1,h2/master or redis+cluster://h1,h2',
    text((address) => parseStoreAddress(address) !== undefined),
    {
      default: 'file:./data',
      secret: true,
      description: 'Where commits live: a folder of its own, or a Redis that replicas share.',
    },
  ),
  namespace: written(
    '1 to 64 letters, digits, dots, dashes and underscores',
    text((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)),
    { default: 'compositord', description: 'Begins the names of all keys in Redis.' },
  ),
  history: Type.Object({
    commits: wholeNumber('', 1, 1_000_000, {
      default: 10_000,
      description: 'How many commits can be resumed from, at least.',
    }),
    seconds: seconds(0, 604_800, {
      default: 300,
      description: 'For how many seconds a commit can be resumed from, at least.',
    }),
    bytes: written(BYTES, bytes, {
      default: '64 MiB',
      description: 'How large the history may grow, whatever the two above ask for.',
    }),
  }),
  refill: oneOf(['auto', 'never'], {
    path: 'store.refill',
    default: 'auto',
    description: 'Whether a store that lost its data is filled again by a replica that still has them.',
  }),
  lease: Type.Object({
    ttl: wholeNumber(' of seconds', 1, 86_400, {
      default: 30,
      description: 'Seconds a lease lasts when its compositor asks for no other time.',
    }),
    retention: seconds(0, 604_800, {
      default: 60,
      description: 'Seconds from the end of a lease to the removal of the compositor and its tiles.',
    }),
    guard: seconds(0, 604_800, {
      default: 600,
      description: 'Seconds for which removals are held back while more than half of the fleet is stale.',
    }),
  }),
  stream: Type.Object({
    heartbeat: seconds(0.1, 300, {
      default: 15,
      description: 'Seconds without a frame after which a reader gets one.',
    }),
    maxAge: seconds(1, 604_800, {
      default: 1800,
      description: 'Seconds after which a stream is ended, so that readers spread over the replicas.',
    }),
    retry: seconds(0.1, 300, {
      default: 2,
      description: 'Seconds after which a reader that lost its stream comes back, about.',
    }),
    buffer: written(BYTES, bytes, {
      default: '1 MiB',
      description: 'The largest catch-up of a slow reader; beyond it, it gets a snapshot.',
    }),
    maxReaders: wholeNumber('', 1, 1_000_000, {
      default: 15_000,
      description: 'How many streams may be open.',
    }),
  }),
  connect: Type.Object({
    allow: written<string[] | undefined>(
      'a list of loopback, private, public, and networks such as 10.0.0.0/8',
      listOf(isAddressRule),
      {
        description:
          'Where compositors may be. Without it: public, and loopback when the daemon itself is there.',
      },
    ),
    interval: seconds(0.1, 3600, {
      default: 10,
      description: 'Seconds between two looks at a compositor that is well.',
    }),
    timeout: seconds(0.1, 300, {
      default: 5,
      description: 'Seconds that connecting to a compositor, or an answer of its, may take.',
    }),
    failures: wholeNumber('', 1, 100, {
      default: 3,
      description: 'How many failures in a row turn a compositor `disconnected`.',
    }),
    passes: wholeNumber('', 1, 100, {
      default: 1,
      description: 'How many good answers in a row turn it `connected`.',
    }),
    parallel: wholeNumber('', 1, 10_000, {
      default: 64,
      description:
        'How many compositors are asked at once; as many again of new ones, and of those that are down.',
    }),
  }),
  compositors: Type.Optional(
    written('the path of a file', text(isPath), {
      live: true,
      description: 'A JSON list of compositors, instead of `compositors.json` beside the configuration file.',
    }),
  ),
  auth: Type.Optional(
    written(AUTH_EXPECTS, readAuth, {
      why: whyNoAuth,
      secret: true,
      live: true,
      description:
        'Who may do what. By default all on this machine may do all; needed to listen beyond loopback.',
    }),
  ),
  anonymous: written('a list of scopes out of read, write, command, admin', readScopes, {
    path: 'auth.anonymous',
    default: [],
    live: true,
    description: 'What callers without a token may do, once there are tokens.',
  }),
  hosts: written('a list of host names without ports', listOf(isHostName), {
    default: [],
    description: 'Names in `Host` to answer to besides localhost, when listening on loopback.',
  }),
  cors: Type.Object({
    origins: written<string[] | undefined>(
      'a list of origins, such as https://map.example',
      listOf(isOrigin),
      {
        description:
          'Pages that may read and write from a browser. Without it, all may read and none may write.',
      },
    ),
  }),
  trustProxy: written('true, false, a number of proxies, or a list of their addresses', parseTrustProxy, {
    default: false,
    description: 'Whose `X-Forwarded-*` headers are believed.',
  }),
  basePath: written('a path such as / or /compositord', parseBasePath, {
    default: '/',
    description: 'The path under which a proxy shows the daemon.',
  }),
  shutdown: Type.Object({
    grace: seconds(0.1, 600, {
      default: 8,
      description: 'Seconds that requests and streams have to end after SIGTERM.',
    }),
  }),
  log: Type.Object({
    level: oneOf(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      default: 'info',
      description: 'The least serious log line that is written.',
    }),
  }),
  brickUrl: Type.Optional(
    written('an http(s) address or a path', text(isBrickUrl), {
      description:
        'Where the images of bricks are, for the map page: a folder, or an address with `{brick}` for the name.',
    }),
  ),
  legacySocket: Type.Optional(
    written('host:port, such as 127.0.0.1:8765', parseListenAddress, {
      description:
        'Where to listen, beside `listen`, for the WebSocket of an InfiniteMap that polls its file.',
    }),
  ),
});

/** `/a/b`, without a slash at its end; `/` itself for the root. */
function parseBasePath(given: unknown): string | undefined {
  if (typeof given !== 'string' || !/^(?:\/[A-Za-z0-9._~-]+)*\/?$/.test(given) || given === '')
    return undefined;
  return given === '/' ? '/' : given.replace(/\/$/, '');
}

function isPath(path: string): boolean {
  return path !== '' && !path.includes('\0');
}

function isBrickUrl(url: string): boolean {
  if (/[\s\p{C}]/u.test(url)) return false;
  return /^https?:\/\//.test(url) ? URL.canParse(url) : /^\/(?!\/)/.test(url);
}
