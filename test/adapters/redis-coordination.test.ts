import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import t from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openBackend, type Backend } from '../../src/backend.ts';
import { claimsContract } from '../contract/claims.ts';
import { peerBusContract } from '../contract/peer-bus.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

let server: Promise<RedisServer> | undefined;

/** On one real server, each with a namespace of its own. */
async function world() {
  const { url } = await (server ??= startRedis(t));
  const namespace = randomUUID();
  const all: Backend[] = [];
  return {
    open: async () => {
      const backend = await openBackend({ store: url, namespace }, new SystemClock(), loud);
      all.push(backend);
      return backend;
    },
    dispose: async () => {
      for (const backend of all) await closeBackend(backend);
    },
  };
}

peerBusContract(t, 'the peer bus through Redis', async () => {
  const { open, dispose } = await world();
  return { open: async () => (await open()).peerBus, dispose };
});

claimsContract(t, 'claims in Redis', async () => {
  const { open, dispose } = await world();
  // Redis has no clock that could be set.
  return { open: async () => (await open()).claims, advance: async (ms) => setTimeout(ms), dispose };
});
