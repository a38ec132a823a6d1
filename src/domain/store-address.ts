import { tildeProblem } from './tilde.ts';

/** Which store, and where it is, as the setting `store` says it. */
export type StoreAddress = { readonly kind: 'folder'; readonly path: string } | RedisAddress;

export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** The server itself, the sentinels, or any nodes of the cluster; none where the server is at a Unix socket. */
  readonly nodes: readonly RedisNode[];
  /** The path of the Unix socket at which the server listens. */
  readonly socket?: string;
  /** The name that the sentinels give the master; empty for the other kinds. */
  readonly master: string;
  readonly db: number;
  readonly credentials: Credentials;
  readonly tls: boolean;
  /** Without its credentials, fit for a log. */
  readonly text: string;
}

export interface Credentials {
  readonly username?: string;
  readonly password?: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** Where the servers of the store listen: those of its address, and those that they name while the daemon runs. */
export interface StoreNodes {
  readonly all: readonly RedisNode[];
  close(): void;
}

const FOLDER = 'file:';
/** `./data`, `/data`, `..\\data`, `C:\\data`: what begins like this names a folder. */
const PATH = /^(?:\.{0,2}[/\\](?![/\\])|\.{1,2}$|[A-Za-z]:[/\\](?![/\\]))[^\p{C}]*$/u;
const REDIS =
  /^(rediss?(?:\+sentinel|\+cluster)?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?db=([0-9]{1,5}))?$/;
const SOCKET = /^unix:\/\/(?:([^@/]*)@)?([^?#]*)(?:\?db=([0-9]{1,5}))?$/;
/** Bytes of the path of a socket that every system takes. */
const MAX_SOCKET_PATH = 103;
const NODE = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?$/;
const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const KINDS: Readonly<Record<string, RedisAddress['kind']>> = {
  '+sentinel': 'sentinel',
  '+cluster': 'cluster',
};

/**
 * Reads `file:<folder>` and the addresses of {@link parseRedisAddress}. Throws an Error whose message says what is
 * wrong; it quotes nothing of the address, which may hold a password.
 */
export function parseStoreAddress(address: string): StoreAddress {
  if (!address.startsWith(FOLDER)) {
    if (address.startsWith('~'))
      throw new Error('a folder is written file:<folder>, such as file:$HOME/data');
    // A path holds no password, so that it may be quoted.
    if (PATH.test(address)) throw new Error(`a folder is written file:${address}`);
    if (!address.includes(':'))
      throw new Error('a folder is written file:<folder>, and a Redis redis://<host>');
    return parseRedisAddress(address);
  }
  const rest = address.slice(FOLDER.length);
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  const tilde = tildeProblem(path);
  if (tilde !== undefined) throw new Error(tilde);
  if (path === '' || path.includes('\0')) throw new Error('it names no folder');
  // Most likely a slip for `file:data/x`.
  if (path.startsWith('//')) throw new Error('file://data/x names a host, not a folder');
  return { kind: 'folder', path };
}

/**
 * Reads `redis://[user:password@]host[:port][/db]`, `redis+sentinel://[user:password@]h1[:port],h2/<master>[?db=0]`,
 * `redis+cluster://[user:password@]h1,h2`, each with `rediss` for TLS, and `unix://[user:password@]/path[?db=0]`. User and password are
 * percent-encoded; with sentinels they are those of the servers. Throws as {@link parseStoreAddress} does.
 */
export function parseRedisAddress(address: string): RedisAddress {
  const isOneWord = !/[\s\p{C}]/u.test(address);
  if (isOneWord && address.startsWith('unix:')) return parseSocketAddress(address);
  const match = isOneWord ? REDIS.exec(address) : null;
  if (!match) throw new Error('it does not look like redis://host[:port][/db]');
  const [, scheme = '', credentials = '', hosts = '', path = '', db] = match;
  const kind = KINDS[scheme.replace(/^rediss?/, '')] ?? 'server';
  const nodes = hosts.split(',').map((host) => parseNode(host, kind === 'sentinel' ? 26379 : 6379));
  if (kind === 'server') {
    requireThat(nodes.length === 1, 'it names several hosts');
    requireThat(/^[0-9]{0,5}$/.test(path), 'after the slash comes the number of a database');
    requireThat(db === undefined, 'the number of a database comes after a slash: redis://host/3');
  } else if (kind === 'sentinel') {
    requireThat(/^[A-Za-z0-9._-]+$/.test(path), 'after the slash comes the name of the master');
  } else {
    requireThat(path === '' && db === undefined, 'a cluster has only one database');
  }
  return {
    kind,
    nodes,
    master: kind === 'sentinel' ? path : '',
    db: Number(kind === 'server' ? path : (db ?? 0)),
    credentials: parseCredentials(credentials),
    tls: scheme.startsWith('rediss'),
    text: withoutCredentials(address, credentials),
  };
}

function parseSocketAddress(address: string): RedisAddress {
  const [match, credentials = '', encoded = '', db = 0] = SOCKET.exec(address) ?? [];
  requireThat(match !== undefined && encoded.startsWith('/'), 'a Unix socket is written unix:///path');
  const socket = decoded(encoded, 'its path is not percent-encoded');
  requireThat(!socket.includes('\0') && !socket.endsWith('/'), 'it names no Unix socket');
  const isShort = Buffer.byteLength(socket) <= MAX_SOCKET_PATH;
  requireThat(isShort, `the path of a Unix socket has at most ${MAX_SOCKET_PATH} bytes`);
  return {
    kind: 'server',
    nodes: [],
    socket,
    master: '',
    db: Number(db),
    credentials: parseCredentials(credentials),
    tls: false,
    text: withoutCredentials(address, credentials),
  };
}

function requireThat(isFine: boolean, problem: string): void {
  if (!isFine) throw new Error(problem);
}

function withoutCredentials(address: string, credentials: string): string {
  return credentials === '' ? address : address.replace(/\/\/[^@]*@/, '//');
}

/** Why `address` is none; undefined when {@link parseStoreAddress} reads it, or when it is no text at all. */
export function storeAddressProblem(address: unknown): string | undefined {
  try {
    if (typeof address === 'string') parseStoreAddress(address);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The address without its password, fit for a log. */
export function withoutPassword(address: string): string {
  // What stands alone before the @ is a password, too.
  return address.replace(/^([a-z+]+:\/\/(?:[^:@/]*:)?)[^/]*@/, '$1***@');
}

/** Whether `text` may begin the names of keys in Redis; a brace in it would break the hash tag. */
export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text);
}

function parseNode(text: string, defaultPort: number): RedisNode {
  const [match, ipv6, name, port = defaultPort] = NODE.exec(text) ?? [];
  if (match === undefined) throw new Error('a host in it is not written host[:port]');
  if (Number(port) < 1 || Number(port) > 65535) throw new Error(`there is no port ${port}`);
  return { host: ipv6 ?? name ?? '', port: Number(port) };
}

function parseCredentials(text: string): Credentials {
  if (text === '') return {};
  const colon = text.indexOf(':');
  const problem = 'its user and password are not percent-encoded';
  const username = decoded(text.slice(0, Math.max(colon, 0)), problem);
  const password = decoded(text.slice(colon + 1), problem);
  // `user:@` names the user alone: the password comes from a file.
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) };
}

function decoded(text: string, problem: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Error(problem);
  }
}
