// The real trace, each of its 24 compositors on one of two replicas picked at random, while 50 strict readers hop between
// them. All end exact, the replicas are equal, Redis's hashes are GET /manifest, and the map is the one that the trace
// leaves. Then the same with Redis killed (SIGKILL) and restarted three times: nothing that was answered 2xx is lost.
import { setTimeout as delay } from 'node:timers/promises';
import type { Test } from 'tap';
import { Fleet, KEEPS_ALL } from '../replicas/fleet.ts';
import { HoppingReader } from '../replicas/hopping-reader.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { randomView } from './restless-reader.ts';
import { FINAL_SHA256, sha256, TracePlayer, type Acknowledged } from './trace-player.ts';

const READERS = 50;

/** Plays the trace on two replicas, while Redis is killed `kills` times. */
export async function playOnReplicas(t: Test, kills: number): Promise<void> {
  const fleet = await Fleet.start(t, { redis: { args: KEEPS_ALL } });
  const urls = () => fleet.urls;
  const random = new Random(1254 + kills);
  const homes = new Map<string, string>();
  const home = (id: string) => homes.get(id) ?? homes.set(id, random.pick(fleet.urls)).get(id)!;
  const player = await TracePlayer.open(home);
  const readers = Array.from({ length: READERS }, (_, i) => {
    const view = i < 10 ? {} : randomView(random, player.compositors);
    return new HoppingReader({ urls, name: `reader ${i}`, random: new Random(i), view });
  });
  t.teardown(() => Promise.all(readers.map(({ reader }) => reader.disconnect())));
  for (const { reader } of readers) reader.connect();

  await player.join();
  t.equal(new Set(homes.values()).size, 2);
  const acknowledged: Acknowledged[] = [];
  const share = Math.floor(player.lines / (kills + 1));
  let killed = 0;
  let restarting: Promise<void> | undefined;
  while (await player.step()) {
    acknowledged.push(player.last);
    for (const reader of readers) await reader.stir(100);
    if (killed < kills && player.played >= share * (killed + 1)) {
      killed++;
      await restarting;
      // Not waited for: it dies in the middle of the writes to come.
      restarting = delay(random.between(0, 30))
        .then(() => fleet.redis.stop('SIGKILL'))
        .then(() => fleet.redis.restart());
    }
  }
  await restarting;

  const { cursor } = player.last;
  const manifest = await fleet.allOne(readers);
  t.equal(manifest.cursor, cursor);
  t.equal(parseInt(cursor), player.commits, 'each write is one commit, however often it was sent');
  for (const { reader } of readers) t.equal(reader.counts.snapshots, 1, 'every hop was one from its place');
  t.ok(readers.reduce((sum, { hops }) => sum + hops, 0) > 300);
  t.equal(killed, kills);
  // With kills it may still be none: a write waits in the daemon for a Redis that is back soon.
  if (kills === 0) t.equal(player.retries, 0);
  for (const url of fleet.urls)
    t.equal(sha256((await send('GET', `${url}/manifest/tiles`)).body), FINAL_SHA256);
  for (const [i, place] of acknowledged.filter((_, n) => n % 50 === 0).entries()) {
    const url = fleet.urls[i % 2]!;
    const { status, body } = await send('GET', `${url}/manifest?at=${place.cursor}`);
    t.equal(status, 200, `${place.cursor} is kept`);
    const tiles = Object.entries(body.tiles as Record<string, { brick: string; timestamp: number }>);
    t.equal(
      sha256(Object.fromEntries(tiles.map(([key, { brick, timestamp }]) => [key, { brick, timestamp }]))),
      player.sha256After(place.lines),
    );
  }
}
