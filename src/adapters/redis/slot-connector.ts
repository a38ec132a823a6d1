import { createConnection, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { AbstractConnector } from 'ioredis';
import type { RedisAddress, RedisNode } from '../../domain/store-address.ts';
import { askNode } from './ask-node.ts';

interface SlotConnectorOptions {
  /** Milliseconds for each node that is asked. */
  readonly timeout: number;
  /** Any of our keys: they share one slot. */
  readonly key: string;
  /** Milliseconds to wait after the n-th attempt; undefined: there is only one attempt. */
  readonly delay: ((attempt: number) => number) | undefined;
}

type SlotRange = readonly [
  first: number,
  last: number,
  owner: readonly [host: string, port: number, ...unknown[]],
];

/**
 * Makes what ioredis connects with: a connection to whichever node owns the slot of our keys now. All our keys lie
 * in one slot, so one node is the whole cluster to us; with ioredis' own Cluster a write that got no answer would be
 * sent again.
 */
export function slotConnector(
  address: RedisAddress,
  { timeout, key, delay }: SlotConnectorOptions,
): new (options: unknown) => AbstractConnector {
  // ioredis takes only a subclass of its AbstractConnector here.
  class SlotConnector extends AbstractConnector {
    constructor() {
      super(timeout);
    }

    async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      let owner: RedisNode | undefined;
      for (let attempt = 1; !owner; attempt++) {
        try {
          owner = await ownerOf(address, key, timeout);
        } catch (error) {
          // If it were thrown, ioredis would give up for good.
          if (!delay) throw error;
          emit('error', error as Error);
          await setTimeout(delay(attempt));
        }
        // disconnect() may have been called meanwhile.
        if (!(this.connecting as boolean)) throw new Error('Connection is closed.');
      }
      const socket = createConnection(owner);
      socket.once('error', (error) => (this.firstError = error));
      this.stream = socket;
      return socket;
    }
  }
  return SlotConnector;
}

async function ownerOf(address: RedisAddress, key: string, timeout: number): Promise<RedisNode> {
  let last: unknown = new Error('no node of the cluster answers');
  for (const node of address.nodes) {
    try {
      return await askNode(node, { credentials: address.credentials, timeout }, async (redis) => {
        const slot = await redis.cluster('KEYSLOT', key);
        const ranges = (await redis.cluster('SLOTS')) as unknown as SlotRange[];
        const range = ranges.find(([first, end]) => first <= slot && slot <= end);
        if (!range) throw new Error(`no node of the cluster serves the slot ${slot}`);
        const [host, port] = range[2];
        // A node that does not know its own address leaves it out: it is the one we asked.
        return { host: host || node.host, port };
      });
    } catch (error) {
      last = error;
    }
  }
  throw last;
}
