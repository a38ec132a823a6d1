/** Which store, and where it is, as the setting `store` says it. */
export type StoreAddress = { readonly kind: 'folder'; readonly path: string } | RedisAddress;

export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** The server itself, the sentinels, or any nodes of the cluster. */
  readonly nodes: readonly RedisNode[];
  /** The name that the sentinels give the master; empty for the other kinds. */
  readonly master: string;
  readonly db: number;
  readonly credentials: Credentials;
  readonly tls: boolean;
  /** The address without its credentials, fit for a log. */
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
const REDIS =
  /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?db=([0-9]{1,5}))?$/;
const NODE = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?$/;
const NAMESPACE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const KINDS = {
  redis: 'server',
  rediss: 'server',
  'redis+sentinel': 'sentinel',
  'redis+cluster': 'cluster',
} as const;

/**
 * Reads `file:<folder>` and the addresses of {@link parseRedisAddress}. Throws an Error whose message says what is
 * wrong; it quotes nothing of the address, which may hold a password.
 */
export function parseStoreAddress(address: string): StoreAddress {
  if (!address.startsWith(FOLDER)) return parseRedisAddress(address);
  const rest = address.slice(FOLDER.length);
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.includes('\0')) throw new Error('it names no folder');
  // Most likely a slip for `file:data/x`.
  if (path.startsWith('//')) throw new Error('file://data/x names a host, not a folder');
  return { kind: 'folder', path };
}

/**
 * Reads `redis[s]://[user:password@]host[:port][/db]`, `redis+sentinel://[user:password@]h1[:port],h2/<master>[?db=0]`
 * and `redis+cluster://[user:password@]h1,h2`. User and password are percent-encoded; with sentinels they are those
 * of the servers. Throws as {@link parseStoreAddress} does.
 */
export function parseRedisAddress(address: string): RedisAddress {
  const match = /[\s\p{C}]/u.test(address) ? null : REDIS.exec(address);
  if (!match) throw new Error('it does not look like redis://host[:port][/db]');
  const [, scheme = '', credentials = '', hosts = '', path = '', db] = match;
  const kind = KINDS[scheme as keyof typeof KINDS];
  const nodes = hosts.split(',').map((host) => parseNode(host, kind === 'sentinel' ? 26379 : 6379));
  const requireThat = (fine: boolean, problem: string) => {
    if (!fine) throw new Error(problem);
  };
  if (kind === 'server') {
    requireThat(nodes.length === 1, 'it names several hosts');
    requireThat(/^[0-9]{0,5}$/.test(path), 'after the slash comes the number of a database');
  } else if (kind === 'sentinel') {
    requireThat(/^[A-Za-z0-9._-]+$/.test(path), 'after the slash comes the name of the master');
  } else {
    requireThat(path === '', 'a cluster has only one database');
  }
  requireThat(db === undefined || kind === 'sentinel', 'only an address of sentinels takes ?db=');
  return {
    kind,
    nodes,
    master: kind === 'sentinel' ? path : '',
    db: Number(kind === 'server' ? path : (db ?? 0)),
    credentials: parseCredentials(credentials),
    tls: scheme === 'rediss',
    text: credentials === '' ? address : `${scheme}://${address.slice(address.indexOf('@') + 1)}`,
  };
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
  return address.replace(/^([a-z+]+:\/\/[^:@/]*:)[^/]*@/, '$1***@');
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
  try {
    const username = decodeURIComponent(text.slice(0, Math.max(colon, 0)));
    const password = decodeURIComponent(text.slice(colon + 1));
    return { ...(username !== '' && { username }), password };
  } catch {
    throw new Error('its user and password are not percent-encoded');
  }
}
