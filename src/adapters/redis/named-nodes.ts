import type { RedisNode } from '../../domain/store-address.ts';

/** A list of names and values in turn, as Redis sends maps. */
type Pairs = readonly unknown[];

/**
 * `INFO server replication`: the ports of the server that was asked (beside the one for TLS it may have a plain one, or the
 * reverse), its replicas, also those that are not in step yet, or its master. An answer of another form names none.
 */
export function nodesOfInfo(server: RedisNode | undefined, reply: unknown): RedisNode[] {
  if (typeof reply !== 'string') return [];
  const ports = [...reply.matchAll(/^(?:tcp_port:|listener\d+:.*\bport=)(\d+)/gm)];
  const replicas = [...reply.matchAll(/^slave\d+:ip=([^,]*),port=(\d+)/gm)];
  const [, master] = /^master_host:(\S+)/m.exec(reply) ?? [];
  const [, masterPort] = /^master_port:(\d+)/m.exec(reply) ?? [];
  return [
    ...ports.flatMap(([, port]) => nodeOf(server?.host, port)),
    ...replicas.flatMap(([, host, port]) => nodeOf(host, port)),
    ...nodeOf(master, masterPort),
  ];
}

/** `CLUSTER SHARDS`: each node by its address and its name, and by its ports with TLS and without. */
export function nodesOfShards(reply: unknown): RedisNode[] {
  return listOf(reply)
    .flatMap((shard) => listOf(valueOf(listOf(shard), 'nodes')))
    .flatMap((node) => {
      const pairs = listOf(node);
      const hosts = ['ip', 'endpoint', 'hostname'].map((name) => valueOf(pairs, name));
      return ['port', 'tls-port'].flatMap((name) =>
        [...new Set(hosts)].flatMap((host) => nodeOf(host, valueOf(pairs, name))),
      );
    });
}

/** `SENTINEL SENTINELS` and `SENTINEL REPLICAS`. */
export function nodesOfSentinel(reply: unknown): RedisNode[] {
  return listOf(reply).flatMap((each) => {
    const pairs = listOf(each);
    return nodeOf(valueOf(pairs, 'ip'), valueOf(pairs, 'port'));
  });
}

function nodeOf(host: unknown, port: unknown): RedisNode[] {
  // `?`: a node of a cluster that has no name yet.
  return typeof host === 'string' && host !== '?' && Number(port) > 0 ? [{ host, port: Number(port) }] : [];
}

function listOf(value: unknown): Pairs {
  return Array.isArray(value) ? value : [];
}

/** The value of `name`; undefined when there is none. */
export function valueOf(pairs: Pairs, name: string): unknown {
  const at = pairs.findIndex((each, i) => i % 2 === 0 && each === name);
  return at < 0 ? undefined : pairs[at + 1];
}
