// The real trace, 1,254 commits of 24 compositors, played into the built daemon over HTTP while 50 strict readers of all
// kinds of views connect, drop and resume at random. Every one ends exact: the protocol was kept at every frame, its copy
// is what the daemon says of that view, and the map is the one that the trace leaves.
import t from 'tap';
import { Random } from '../simulation/random.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { randomView, RestlessReader } from './restless-reader.ts';
import { FINAL_SHA256, FINAL_TILES, sha256, TracePlayer } from './trace-player.ts';

const READERS = 50;

t.test('1,254 commits, 50 restless readers', { timeout: 110_000 }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--log-level=warn'] });
  const player = await TracePlayer.open(daemon.url);
  t.equal(player.lines, 1254);
  t.equal(player.compositors.length, 24);
  const random = new Random(1254);
  const restless = Array.from(
    { length: READERS },
    (_, i) =>
      new RestlessReader({
        url: daemon.url,
        name: `reader ${i}`,
        random: new Random(i),
        // The first ones see everything, so that there are always some who do.
        view: i < 10 ? {} : randomView(random, player.compositors),
      }),
  );
  t.teardown(() => Promise.all(restless.map(({ reader }) => reader.disconnect())));

  await player.join();
  while (await player.step()) for (const each of restless) await each.stir();
  for (const each of restless) each.settle();
  const { cursor } = player.last;
  t.equal(parseInt(cursor), player.commits, 'one revision for each line that changed something');
  await Promise.all(restless.map(({ reader }) => reader.untilCursor(cursor, 30_000)));

  for (const { reader, view } of restless)
    await sameAsManifest(t, reader, daemon.url, view, JSON.stringify(view));
  for (const { reader } of restless.slice(0, 10)) t.equal(reader.copy.digestOk, true, 'the digest agrees');
  const file = await send('GET', `${daemon.url}/manifest/tiles`);
  t.equal(Object.keys(file.body).length, FINAL_TILES);
  t.equal(sha256(file.body), FINAL_SHA256);
  const drops = restless.reduce((sum, each) => sum + each.drops, 0);
  t.ok(drops > 100, `${drops} connections were dropped`);
  t.equal(daemon.stderr, '', 'and the daemon had nothing to complain of');
});
