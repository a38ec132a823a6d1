/** The kind of store, and its location. */
export type StoreAddress =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'redis'; readonly url: string }
  | {
      readonly kind: 'sentinel';
      readonly nodes: readonly string[];
      readonly master: string;
      readonly db: number;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly string[] };

const NODE = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]{0,4})?$/;

/**
 * Parses the address of a store; undefined when it is none of `file:<folder>`, `redis://host[:port][/db]`,
 * `rediss://…`, `redis+sentinel://h1,h2/<master>[?db=0]` and `redis+cluster://h1,h2`.
 */
export function parseStoreAddress(text: string): StoreAddress | undefined {
  if (/[\s\p{C}]/u.test(text) && !text.startsWith('file:')) return undefined;
  if (text.startsWith('file:')) return fileAddress(text.slice('file:'.length));
  if (/^rediss?:\/\//.test(text)) return redisAddress(text);
  if (text.startsWith('redis+sentinel://')) return sentinelAddress(text.slice('redis+sentinel://'.length));
  if (text.startsWith('redis+cluster://')) return clusterAddress(text.slice('redis+cluster://'.length));
  return undefined;
}

/** The address with its password masked, for logs. */
export function withoutPassword(text: string): string {
  return text.replace(/^([a-z+]+:\/\/[^:@/]*:)[^/]*@/, '$1***@');
}

function fileAddress(rest: string): StoreAddress | undefined {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  // `file://data/x` names a host, not a folder: most likely a typing error for `file:data/x`.
  return path === '' || path.startsWith('//') || path.includes('\0') ? undefined : { kind: 'file', path };
}

function redisAddress(text: string): StoreAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const { hostname, pathname, search, hash } = new URL(text);
  const fine = hostname !== '' && /^(?:\/[0-9]{0,5})?$/.test(pathname) && search === '' && hash === '';
  return fine ? { kind: 'redis', url: text } : undefined;
}

function sentinelAddress(rest: string): StoreAddress | undefined {
  const match = /^([^/]+)\/([A-Za-z0-9._-]+)(?:\?db=([0-9]{1,5}))?$/.exec(rest);
  const nodes = nodesOf(match?.[1] ?? '');
  if (!match || !nodes) return undefined;
  return { kind: 'sentinel', nodes, master: match[2]!, db: Number(match[3] ?? 0) };
}

function clusterAddress(rest: string): StoreAddress | undefined {
  const nodes = nodesOf(rest.replace(/\/$/, ''));
  return nodes && { kind: 'cluster', nodes };
}

/** The hosts in `[user:password@]h1:26379,h2`. */
function nodesOf(text: string): string[] | undefined {
  const nodes = text.slice(text.lastIndexOf('@') + 1).split(',');
  return nodes.every((node) => NODE.test(node)) ? nodes : undefined;
}
