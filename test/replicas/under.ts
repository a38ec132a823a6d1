import type { Test } from 'tap';
import { Random } from '../simulation/random.ts';
import { Fleet, type FleetOptions } from './fleet.ts';
import { hoppers } from './hopping-reader.ts';
import { moreWrites, whileWriting, writers, type Writer } from './writer.ts';

/** Milliseconds in which every write is answered, one way or the other, on a busy machine. */
export const BOUND = 3000;

export interface Scene {
  readonly fleet: Fleet;
  readonly all: readonly Writer[];
  readonly random: Random;
}

/** Does `fault` while all write and hop, and then holds everything to the one manifest. */
export async function under(
  t: Test,
  options: FleetOptions & { seed: number; pause?: number },
  fault: (scene: Scene) => Promise<void>,
): Promise<readonly Writer[]> {
  const fleet = await Fleet.start(t, options);
  const random = new Random(options.seed);
  const all = await writers(() => fleet.urls, random);
  const readers = await hoppers(t, () => fleet.urls, random);
  await whileWriting(
    all,
    readers,
    async () => {
      await moreWrites(all, 20);
      await fault({ fleet, all, random });
      await fleet.ready();
      await moreWrites(all, 20);
    },
    options.pause,
  );
  const manifest = await fleet.allOne(readers);
  for (const writer of all) {
    writer.check(t, manifest);
    t.equal(writer.returns, 0, 'nobody was forgotten');
  }
  for (const { reader, name } of readers)
    t.equal(reader.counts.snapshots, 1, `${name} resumed from its place, always`);
  t.equal(
    manifest.revision,
    all.reduce((sum, { commits }) => sum + commits, 0),
    'a repeated write is one',
  );
  return all;
}
