import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openCoordination, type EmbeddedCoordination } from '../../src/adapters/embedded/open-embedded.ts';
import { claimsContract } from '../contract/claims.ts';
import { peerBusContract } from '../contract/peer-bus.ts';
import { ShiftedClock } from './embedded-world.ts';
import { loud } from '../support/loud.ts';

/** In a folder of its own. */
async function world(t: Test) {
  // Longer than the name of a socket may be.
  const path = join(t.testdir(), 'a-folder-with-a-long-name-'.repeat(4));
  const clock = new ShiftedClock();
  const all: EmbeddedCoordination[] = [];
  return {
    open: async () => {
      const coordination = await openCoordination({ path, clock, log: loud });
      all.push(coordination);
      return coordination;
    },
    advance: async (ms: number) => {
      clock.shift(ms);
    },
    dispose: async () => {
      for (const { peerBus, claims } of all) {
        await peerBus.close();
        await claims.close();
      }
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
