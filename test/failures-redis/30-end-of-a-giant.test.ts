// FAILURES 30. The end of a giant: a compositor with very many tiles left, its removal was one entry of the log that no call
// could read in time, and two replicas refused writes for minutes. `npm run bench giant` has a million.
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { filled } from '../failures/bulk.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { Fleet } from '../replicas/fleet.ts';
import { send } from '../support/http-client.ts';

const SIDE = 240;
/** Milliseconds in which nothing may be refused or stale: a ceiling for a busy machine, and none of speed. */
const CEILING = 20_000;

t.test(`a compositor with ${SIDE * SIDE} tiles leaves`, { timeout: 240_000 }, async (t) => {
  const fleet = await Fleet.start(t, { replicas: 2 });
  const [a = '', b = ''] = fleet.urls;
  const giant = await HttpPublisher.join(a, 'giant');
  for (let y = 0; y < SIDE; y += 20) {
    const tiles = filled({ x: 0, y, width: SIDE, height: 20, name: 'brick', brick: 40 });
    await giant.patch(Object.fromEntries([...tiles].map(([key, { brick }]) => [key, { brick }])));
  }
  const other = await HttpPublisher.join(b, 'other');
  const readers = [
    new ConformanceClient({ url: a, name: 'all of a' }),
    new ConformanceClient({ url: b, name: 'all of b' }),
    new ConformanceClient({ url: b, name: 'a part of b', view: '10,10,50,50' }),
  ];
  for (const reader of readers) {
    t.teardown(() => reader.disconnect());
    reader.connect();
    await reader.untilCursor(other.cursor, CEILING);
  }
  const patches = readers.map(({ counts }) => counts.patches);

  const before = other.cursor;
  await giant.leave();
  await Promise.all(readers.map((reader) => reader.untilCursor(giant.cursor, CEILING)));
  for (const [i, { counts }] of readers.entries())
    t.equal(counts.patches, patches[i]! + 1, 'one event, whatever it removes');
  // While the store still sweeps: nobody waits for that.
  await other.patchMany(50, 'at once', (i) => `${i},0`);
  for (const reader of readers) await reader.untilCursor(other.cursor, CEILING);
  await other.patch(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`${i},0`, null])));
  for (const reader of readers.slice(0, 2)) await reader.untilCursor(other.cursor, CEILING);
  const health = await Promise.all([a, b].map((url) => send('GET', `${url}/health`)));
  for (const { body } of health) t.match(body, { tiles: 0, degraded: false });

  for (const url of [a, b])
    t.equal((await send('PUT', `${url}/compositors/next-${url.slice(-5)}`, { name: 'next' })).status, 201);
  const past = await send('GET', `${b}/manifest?at=${before}&view=0,0,9,9`);
  t.equal(Object.keys(past.body.tiles as object).length, 100, 'and the past is still there');
  for (const reader of readers) {
    await sameAsManifest(t, reader, reader === readers[0] ? a : b);
    t.strictSame(reader.copy.violations, []);
    t.equal(reader.counts.snapshots, 1);
  }
  await fleet.add();
  t.match((await send('GET', `${fleet.urls[2]}/health`)).body, { tiles: 0 }, 'a new replica has it, too');
});
