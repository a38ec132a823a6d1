import type { Test } from 'tap';
import type { HttpPublisher } from '../failures/publisher.ts';
import type { CheckedCopy } from '../../src/conformance/checked-copy.ts';

/** Whoever reads through the proxy: a ConformanceClient, or one over HTTP/2. */
export interface Follower {
  readonly copy: CheckedCopy;
  untilCursor(cursor: string, ceilingMs?: number): Promise<void>;
}

const FRAMES = 25;
/** Milliseconds; well below the heartbeat, whose frame would push out what a proxy holds back. */
const CEILING = 5000;

/** The first frame, and then each later one, arrives before the next is written. `follower` is connected, nobody else writes. */
export async function frameByFrame(t: Test, wall: HttpPublisher, follower: Follower): Promise<void> {
  // Its replica may have been behind when it connected: what it missed comes before this one.
  const run = wall.cursors.length;
  await follower.untilCursor(await wall.patch({ '0,0': { brick: `first-${run}` } }), CEILING);
  const { patches } = follower.copy.counts;
  for (let i = 0; i < FRAMES; i++)
    await follower.untilCursor(await wall.patch({ [`${i},0`]: { brick: `brick-${run}-${i}` } }), CEILING);
  const { counts, violations } = follower.copy;
  t.equal(counts.patches - patches, FRAMES, 'each commit came alone');
  t.strictSame([counts.connections, counts.snapshots], [1, 1], 'on one connection');
  t.strictSame(violations, []);
}
