import type { Redis } from 'ioredis';
import { sentinelsUseTls, type RedisDeployment } from '../../domain/redis-access.ts';
import type { RedisNode } from '../../domain/store-address.ts';
import { askNode } from './ask-node.ts';
import { sentinelLogin, serverLogin } from './login.ts';
import { LookupError } from './lookup-error.ts';
import { nodesOfSentinel } from './named-nodes.ts';
import { codeOf, mostTelling } from './redis-errors.ts';
import { tlsOptions } from './tls-options.ts';

/** Makes what asks the sentinels for the master, beginning with the one that answered last. `timeout` (ms) is for each step with each. */
export function masterLookup(deployment: RedisDeployment, timeout: number): () => Promise<RedisNode> {
  const { nodes, master } = deployment.address;
  let sentinels = nodes;
  return async () => {
    const failures: LookupError[] = [];
    for (const sentinel of sentinels) {
      try {
        return await askSentinel(deployment, sentinel, timeout, async (redis) => {
          const found = await masterBy(redis, master);
          const others = await redis.call('SENTINEL', 'SENTINELS', master).then(nodesOfSentinel, () => []);
          sentinels = distinct([sentinel, ...nodes, ...others]);
          return found;
        });
      } catch (error) {
        failures.push(new LookupError('sentinel', sentinel, error));
      }
    }
    throw mostTelling(failures);
  };
}

/**
 * Asks one sentinel, logged in as the settings say. Without a login of their own, sentinels that want one get that of the servers, but
 * never over a plain connection where the servers' are TLS.
 */
export async function askSentinel<T>(
  deployment: RedisDeployment,
  node: RedisNode,
  timeout: number,
  ask: (redis: Redis) => Promise<T>,
): Promise<T> {
  const { address, access } = deployment;
  const isTls = sentinelsUseTls(deployment);
  const own = sentinelLogin(deployment);
  const tls = isTls ? tlsOptions(node.host, access) : undefined;
  return askNode(node, { credentials: own ?? {}, tls, timeout }, async (redis) => {
    try {
      return await ask(redis);
    } catch (error) {
      const { username, password } = serverLogin(deployment);
      const mayLogIn = !own && password !== undefined && (isTls || !address.tls);
      if (codeOf(error) !== 'NOAUTH' || !mayLogIn) throw error;
      await redis.call('AUTH', ...(username === undefined ? [] : [username]), password);
      return ask(redis);
    }
  });
}

async function masterBy(redis: Redis, master: string): Promise<RedisNode> {
  const reply = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', master);
  if (!Array.isArray(reply)) throw new Error(`it knows no master with the name ${JSON.stringify(master)}`);
  const [host, port] = reply as readonly string[];
  return { host: host!, port: Number(port) };
}

function distinct(nodes: readonly RedisNode[]): RedisNode[] {
  return [...new Map(nodes.map((node) => [`${node.host} ${node.port}`, node])).values()];
}
