import type { RedisDeployment } from '../../domain/redis-access.ts';
import type { RedisNode } from '../../domain/store-address.ts';
import { askNode } from './ask-node.ts';
import { serverLogin } from './login.ts';
import { LookupError } from './lookup-error.ts';
import { valueOf } from './named-nodes.ts';
import { mostTelling } from './redis-errors.ts';
import { tlsOptions } from './tls-options.ts';

type SlotRange = readonly [
  first: number,
  last: number,
  owner: readonly [host: string | null, port: number, id?: string, more?: readonly unknown[]],
];

/**
 * Makes what asks the nodes of a cluster, in turn, which of them owns the slot of `key` now. All our keys lie in one slot, so one node is
 * the whole cluster to us; with ioredis' own Cluster a write that got no answer would be sent again. `timeout` (ms) is for each step with each.
 */
export function slotOwnerLookup(
  deployment: RedisDeployment,
  { key, timeout }: { readonly key: string; readonly timeout: number },
): () => Promise<RedisNode> {
  const { address, access } = deployment;
  return async () => {
    const failures: LookupError[] = [];
    for (const node of address.nodes) {
      try {
        const tls = address.tls ? tlsOptions(node.host, access) : undefined;
        const credentials = serverLogin(deployment);
        return await askNode(node, { credentials, tls, timeout }, async (redis) => {
          const slot = await redis.cluster('KEYSLOT', key);
          const ranges = (await redis.cluster('SLOTS')) as unknown as SlotRange[];
          const range = ranges.find(([first, end]) => first <= slot && slot <= end);
          if (!range) throw new Error(`no node of the cluster serves the slot ${slot}`);
          return ownerOf(range, node);
        });
      } catch (error) {
        failures.push(new LookupError('node', node, error));
      }
    }
    throw mostTelling(failures);
  };
}

function ownerOf([, , [name, port, , more = []]]: SlotRange, node: RedisNode): RedisNode {
  // `?`: it is to be known by a name, and has none.
  const host = name === '?' ? valueOf(more, 'ip') : name;
  // A node that does not know its own address leaves it out: it is the one we asked.
  return { host: typeof host === 'string' && host !== '' ? host : node.host, port };
}
