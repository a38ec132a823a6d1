import { repeat } from '../../concurrency/timeout.ts';
import type { Clock } from '../../domain/clock.ts';
import { STORE_TIMEOUT } from '../../domain/store.ts';
import type { RedisDeployment } from '../../domain/redis-access.ts';
import type { RedisNode, StoreNodes } from '../../domain/store-address.ts';
import { nodesOfInfo, nodesOfSentinel, nodesOfShards } from './named-nodes.ts';
import type { RedisConnection } from './redis-connection.ts';
import { askSentinel } from './sentinels.ts';

interface KnownNodesOptions extends RedisDeployment {
  /** To the server that the store uses now. */
  readonly connection: RedisConnection;
  readonly clock: Clock;
}

/** Milliseconds between two questions: a replica that was added is known after this time. */
const INTERVAL = 10_000;
/** The most nodes that are remembered; no deployment has as many. */
const MOST = 10_000;

/**
 * Where the servers of a Redis deployment listen, as they themselves say: the master that sentinels name, replicas, the nodes of a
 * cluster, other sentinels. What was one of them once stays known: one that is away for a moment may be back in the next.
 */
export class KnownNodes implements StoreNodes {
  readonly #options: KnownNodesOptions;
  readonly #named = new Map<string, RedisNode>();
  readonly #stop: () => void;
  #discovering: Promise<void> | undefined;

  constructor(options: KnownNodesOptions) {
    this.#options = options;
    this.#add(options.address.nodes);
    this.#stop = repeat(options.clock, INTERVAL, () => void this.discover());
  }

  get all(): readonly RedisNode[] {
    const { server } = this.#options.connection;
    return server ? [...this.#named.values(), server] : [...this.#named.values()];
  }

  /** The server that answers; one at a Unix socket may also have ports, on this machine. */
  get #server(): RedisNode | undefined {
    const { address, connection } = this.#options;
    return address.socket === undefined ? connection.server : { host: '127.0.0.1', port: 0 };
  }

  /** Asks the servers which others there are. Never rejects: a question that is refused or gets no answer adds nothing. */
  discover(): Promise<void> {
    return (this.#discovering ??= this.#ask().finally(() => (this.#discovering = undefined)));
  }

  close(): void {
    this.#stop();
  }

  async #ask(): Promise<void> {
    const { address, connection } = this.#options;
    const questions = [
      connection.call('INFO', ['server', 'replication']).then((reply) => nodesOfInfo(this.#server, reply)),
    ];
    if (address.kind === 'cluster')
      questions.push(connection.call('CLUSTER', ['SHARDS']).then(nodesOfShards));
    if (address.kind === 'sentinel') questions.push(this.#askSentinels());
    for (const { status, ...answer } of await Promise.allSettled(questions))
      if (status === 'fulfilled') this.#add((answer as PromiseFulfilledResult<RedisNode[]>).value);
  }

  async #askSentinels(): Promise<RedisNode[]> {
    const { nodes, master } = this.#options.address;
    const found: RedisNode[] = [];
    for (const node of nodes)
      await askSentinel(this.#options, node, STORE_TIMEOUT, async (redis) => {
        for (const what of ['SENTINELS', 'REPLICAS'])
          found.push(...nodesOfSentinel(await redis.call('SENTINEL', what, master)));
      }).catch(() => undefined);
    return found;
  }

  #add(nodes: readonly RedisNode[]): void {
    for (const node of nodes) {
      if (this.#named.size >= MOST) return;
      // A node that does not know its own address is the one that was asked.
      const host = node.host || this.#server?.host;
      if (host !== undefined) this.#named.set(`${host} ${node.port}`, { host, port: node.port });
    }
  }
}
