// A compositor that sends requests and does not read the answers: more than half a MiB of them does not wait for it, its requests are
// carried out no further, and after half a minute it is let go. The half minute passes by the clock of the test, all else is real.
import t, { type Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { connected } from '../contract/connector-world.ts';
import { eventually } from '../failures/eventually.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';

const WAIT = 30_000;
const REQUESTS = 500;
/** Together much more than the buffers of the kernel take. */
const ANSWER = 'x'.repeat(64 * 1024);

/** Waits of half a minute end when the test says so. */
class ImpatientClock extends SystemClock {
  readonly waits = new Set<() => void>();

  override after(ms: number, run: () => void): () => void {
    if (ms < WAIT) return super.after(ms, run);
    this.waits.add(run);
    return () => void this.waits.delete(run);
  }
}

/** A peer that has stopped reading, and whose link waits for it. */
async function scene(t: Test) {
  const clock = new ImpatientClock();
  const peer = await WsPeer.start(t);
  const linked = await connected(t, peer.target, { clock });
  let done = 0;
  linked.onRequest = () => {
    done += 1;
    return { padding: ANSWER };
  };
  peer.socket.pause();
  for (let id = 0; id < REQUESTS; id++) peer.say({ type: 'lease', id });
  await eventually(() => clock.waits.size === 1, 'it waits for the peer to read', 60_000);
  return { clock, peer, linked, done: () => done };
}

t.test('it is let go after half a minute', { timeout: 120_000 }, async (t) => {
  const { clock, peer, linked, done } = await scene(t);
  const before = done();
  t.ok(before < REQUESTS, `${before} of ${REQUESTS} were carried out`);
  t.strictSame(linked.lost, []);
  for (const run of clock.waits) run();
  t.match(linked.lost, [{ kind: 'unreachable', message: 'it does not read what it is sent' }]);
  // Only whoever reads hears of the end.
  peer.socket.resume();
  await eventually(() => peer.open === 0, 'its connection ends', 60_000);
  t.equal(done(), before, 'nothing more was carried out');
});

t.test('one that reads again in time has lost nothing', { timeout: 120_000 }, async (t) => {
  const { clock, peer, linked } = await scene(t);
  peer.socket.resume();
  const answers = () => peer.heard.filter(({ type }) => type === 'reply').length;
  // It may have to wait once more: the answers come faster than they are read.
  await eventually(() => answers() === REQUESTS, 'all answers', 90_000);
  await eventually(() => clock.waits.size === 0, 'nobody waits any more', 60_000);
  t.strictSame(linked.lost, []);
  t.strictSame(
    peer.heard.filter(({ type }) => type === 'reply').map(({ id }) => id),
    Array.from({ length: REQUESTS }, (_, id) => id),
  );
});
