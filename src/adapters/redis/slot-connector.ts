import { createConnection, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { AbstractConnector, Redis } from 'ioredis';
import type { RedisAddress, RedisNode } from './redis-address.ts';

interface SlotConnectorOptions {
  /** Milliseconds for each node that is asked. */
  readonly patience: number;
  /** Any of the names that are kept in the cluster: they share one slot. */
  readonly key: string;
  /** Milliseconds before the attempt after the n-th; undefined: there is only one. */
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
  { patience, key, delay }: SlotConnectorOptions,
): new (options: unknown) => AbstractConnector {
  // ioredis wants a class of its own family here; there is no other way in.
  class SlotConnector extends AbstractConnector {
    constructor() {
      super(patience);
    }

    /** Meanwhile somebody may have called disconnect(). */
    #left(): boolean {
      return !this.connecting;
    }

    async connect(emit: (type: string, error: Error) => void): Promise<Socket> {
      this.connecting = true;
      let owner: RedisNode | undefined;
      for (let attempt = 1; !owner; attempt++) {
        try {
          owner = await ownerOf(address, key, patience);
        } catch (error) {
          // Thrown, it would end the connection for good.
          if (!delay) throw error;
          emit('error', error as Error);
          await setTimeout(delay(attempt));
        }
        if (this.#left()) throw new Error('Connection is closed.');
      }
      const socket = createConnection(owner);
      socket.once('error', (error) => (this.firstError = error));
      this.stream = socket;
      return socket;
    }
  }
  return SlotConnector;
}

async function ownerOf(address: RedisAddress, key: string, patience: number): Promise<RedisNode> {
  let last: unknown = new Error('no node of the cluster answers');
  for (const node of address.nodes) {
    const redis = new Redis({
      ...node,
      ...(address.username !== undefined && { username: address.username }),
      ...(address.password !== undefined && { password: address.password }),
      protocol: 2,
      lazyConnect: true,
      retryStrategy: null,
      enableReadyCheck: false,
      disableClientInfo: true,
      connectTimeout: patience,
      commandTimeout: patience,
    });
    redis.on('error', (error) => (last = error));
    try {
      await redis.connect();
      const slot = await redis.cluster('KEYSLOT', key);
      const ranges = (await redis.cluster('SLOTS')) as unknown as SlotRange[];
      const range = ranges.find(([first, end]) => first <= slot && slot <= end);
      if (!range) throw new Error(`no node of the cluster serves the slot ${slot}`);
      const [host, port] = range[2];
      // A node that was never told its own address leaves it out: it is the one we asked.
      return { host: host || node.host, port };
    } catch (error) {
      if (!(error instanceof Error) || error.message !== 'Connection is closed.') last = error;
    } finally {
      redis.disconnect();
    }
  }
  throw last;
}
