/** Where a Redis is, as `redis://`, `rediss://`, `redis+sentinel://` and `redis+cluster://` say it. */
export interface RedisAddress {
  readonly kind: 'server' | 'sentinel' | 'cluster';
  /** One for a server; the sentinels, or any nodes of the cluster, for the others. */
  readonly nodes: readonly RedisNode[];
  /** What the sentinels call it; empty for the others. */
  readonly master: string;
  readonly db: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly tls: boolean;
  /** The address without its credentials, fit for a log. */
  readonly text: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

const ADDRESS =
  /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?db=([0-9]{1,5}))?$/;
const NODE = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?$/;

const KINDS = {
  redis: 'server',
  rediss: 'server',
  'redis+sentinel': 'sentinel',
  'redis+cluster': 'cluster',
} as const;

/**
 * Throws an Error of one line when `address` is none of `redis[s]://[user:password@]host[:port][/db]`,
 * `redis+sentinel://[user:password@]h1[:port],h2/<master>[?db=0]` and `redis+cluster://[user:password@]h1,h2`.
 * User and password are percent-encoded; with sentinels they are those of the servers.
 */
export function parseRedisAddress(address: string): RedisAddress {
  const [, scheme = '', credentials, hosts = '', path = '', db] = ADDRESS.exec(address) ?? [];
  const text = `${scheme}://${address.slice(address.lastIndexOf('@') + 1).replace(`${scheme}://`, '')}`;
  const fail = (why: string): never => {
    throw new Error(`${scheme === '' ? 'The store' : text} is not the address of a Redis: ${why}.`);
  };
  if (scheme === '') return fail('it does not look like redis://host[:port][/db]');
  const kind = KINDS[scheme as keyof typeof KINDS];
  const nodes = hosts.split(',').map((host) => {
    const [, six, name, port] = NODE.exec(host) ?? fail(`${JSON.stringify(host)} is not host[:port]`);
    const number = port === undefined ? (kind === 'sentinel' ? 26379 : 6379) : Number(port);
    if (number < 1 || number > 65535) fail(`there is no port ${number}`);
    return { host: six ?? name ?? '', port: number };
  });
  if (kind === 'server' && nodes.length > 1) fail('it names several hosts');
  if (kind !== 'sentinel' && db !== undefined) fail('the database stands after the slash');
  if (kind === 'server' && !/^[0-9]{0,5}$/.test(path))
    fail('after the slash stands the number of a database');
  if (kind === 'sentinel' && !/^[A-Za-z0-9._-]+$/.test(path))
    fail('after the slash stands the name of the master');
  if (kind === 'cluster' && path !== '') fail('a cluster has one database only');
  return {
    kind,
    nodes,
    master: kind === 'sentinel' ? path : '',
    db: Number(kind === 'server' ? path : (db ?? 0)),
    ...readCredentials(credentials, fail),
    tls: scheme === 'rediss',
    text,
  };
}

function readCredentials(
  text: string | undefined,
  fail: (why: string) => never,
): Pick<RedisAddress, 'username' | 'password'> {
  if (text === undefined || text === '') return { username: undefined, password: undefined };
  const colon = text.indexOf(':');
  try {
    const [username, password] =
      colon < 0
        ? ['', decodeURIComponent(text)]
        : [text.slice(0, colon), text.slice(colon + 1)].map(decodeURIComponent);
    return { username: username === '' ? undefined : username, password };
  } catch {
    return fail('its user and password are not percent-encoded');
  }
}
