// The real trace while the daemon is killed (SIGKILL) at random points and started again on the same port and folder.
// Nothing that was answered 2xx is lost, readers resume by themselves, a repeated write is one commit, and the map at the
// end is the one that the trace leaves.
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Random } from '../simulation/random.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { randomView } from './restless-reader.ts';
import { FINAL_SHA256, sha256, TracePlayer, type Acknowledged } from './trace-player.ts';

const KILLS = 5;
const READERS = 12;

t.test('SIGKILL in the middle of writes', { timeout: 200_000 }, async (t) => {
  const random = new Random(9);
  const life = { dir: await temporaryFolder(t), port: await freePort(), args: ['--log-level=warn'] };
  let daemon = await startDaemon(t, life);
  const { url } = daemon;
  const player = await TracePlayer.open(url);
  const readers = Array.from({ length: READERS }, (_, i) => {
    const view = i < 4 ? {} : randomView(random, player.compositors);
    return { view, reader: new ConformanceClient({ url, name: `reader ${i}`, maxRetry: 50, ...view }) };
  });
  t.teardown(() => Promise.all(readers.map(({ reader }) => reader.disconnect())));
  for (const { reader } of readers) reader.connect();
  await player.join();

  const acknowledged: Acknowledged[] = [];
  const share = Math.floor(player.lines / (KILLS + 1));
  let reached: { readonly line: number; readonly tell: () => void } | undefined;
  const playing = (async () => {
    while (await player.step()) {
      acknowledged.push(player.last);
      if (reached && player.played >= reached.line) reached.tell();
    }
  })();
  for (let kill = 1; kill <= KILLS; kill++) {
    // Somewhere in the middle of the write that is under way then: the player does not wait.
    const line = share * kill + random.int(share / 2);
    await new Promise<void>((tell) => (reached = { line, tell }));
    await delay(random.between(0, 4));
    t.strictSame(await daemon.stop('SIGKILL'), { code: null, signal: 'SIGKILL' });
    const before = [...acknowledged];
    daemon = await startDaemon(t, life);
    await keptAll(t, url, player, before.slice(-5));
  }
  await playing;

  const { cursor } = player.last;
  t.ok(player.retries >= KILLS, `${player.retries} requests were not answered`);
  t.equal(parseInt(cursor), player.commits, 'each write is one commit, however often it was sent');
  await Promise.all(readers.map(({ reader }) => reader.untilCursor(cursor, 30_000)));
  for (const { reader, view } of readers) {
    await sameAsManifest(t, reader, url, view, JSON.stringify(view));
    t.equal(reader.counts.snapshots, 1, 'every resume was one from its place');
    t.ok(reader.counts.connections > KILLS, `${reader.counts.connections} connections`);
  }
  await keptAll(
    t,
    url,
    player,
    acknowledged.filter((_, i) => i % 50 === 0),
  );
  t.equal(sha256((await send('GET', `${url}/manifest/tiles`)).body), FINAL_SHA256);
});

/** Every place is in the history, with the map that was answered for. */
async function keptAll(
  t: Test,
  url: string,
  player: Pick<TracePlayer, 'sha256After'>,
  places: readonly Acknowledged[],
): Promise<void> {
  for (const place of places) {
    const { status, body } = await send('GET', `${url}/manifest?at=${place.cursor}`);
    t.equal(status, 200, `${place.cursor} is kept`);
    const tiles = Object.entries(body.tiles as Record<string, { brick: string; timestamp: number }>);
    t.equal(
      sha256(Object.fromEntries(tiles.map(([key, { brick, timestamp }]) => [key, { brick, timestamp }]))),
      player.sha256After(place.lines),
      `and is what it was at ${place.cursor}`,
    );
  }
}
