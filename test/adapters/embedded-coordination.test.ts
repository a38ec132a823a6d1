import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openBackend, type Backend } from '../../src/backend.ts';
import { claimsContract } from '../contract/claims.ts';
import { peerBusContract } from '../contract/peer-bus.ts';
import { ShiftedClock } from './embedded-world.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';

/** In a folder of its own. */
async function world(t: Test) {
  // Longer than the name of a socket may be.
  const path = join(t.testdir(), 'a-folder-with-a-long-name-'.repeat(4));
  const clock = new ShiftedClock();
  const all: Backend[] = [];
  return {
    open: async () => {
      const backend = await openBackend({ store: `file:${path}`, namespace: '' }, clock, loud);
      all.push(backend);
      return backend;
    },
    advance: async (ms: number) => {
      clock.shift(ms);
    },
    dispose: async () => {
      for (const backend of all) await closeBackend(backend);
    },
  };
}

peerBusContract(t, 'the peer bus in a folder', async (t) => {
  const { open, dispose } = await world(t);
  return { open: async () => (await open()).peerBus, dispose };
});

claimsContract(t, 'claims in a folder', async (t) => {
  const { open, advance, dispose } = await world(t);
  return { open: async () => (await open()).claims, advance, dispose };
});
