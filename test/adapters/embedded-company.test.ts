import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openCompany, type EmbeddedCompany } from '../../src/adapters/embedded/open-embedded.ts';
import { claimsContract } from '../contract/claims.ts';
import { postContract } from '../contract/peer-bus.ts';
import { ShiftedClock } from './embedded-world.ts';
import { loud } from '../support/loud.ts';

/** In a folder of its own. */
async function world(t: Test) {
  // Longer than the name of a socket may be.
  const path = join(t.testdir(), 'a-folder-with-a-long-name-'.repeat(4));
  const clock = new ShiftedClock();
  const all: EmbeddedCompany[] = [];
  return {
    open: async () => {
      const company = await openCompany({ path, clock, log: loud });
      all.push(company);
      return company;
    },
    advance: async (ms: number) => {
      clock.shift(ms);
    },
    dispose: async () => {
      for (const { post, claims } of all) {
        await post.close();
        await claims.close();
      }
    },
  };
}

postContract(t, 'the post in a folder', async (t) => {
  const { open, dispose } = await world(t);
  return { open: async () => (await open()).post, dispose };
});

claimsContract(t, 'claims in a folder', async (t) => {
  const { open, advance, dispose } = await world(t);
  return { open: async () => (await open()).claims, advance, dispose };
});
