// Two daemons on one folder behind the nginx of deploy/: whoever reads from one sees at once what was written through the other, and not
// at the next of its own looks, half a second apart.
import t from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon } from '../support/daemon.ts';
import { startNginx } from '../support/nginx.ts';

const COMMITS = 40;
const READERS = 4;
/** Milliseconds of the median: a few, on a machine that does nothing else; half of 500 without the hint that one gives the other. */
const MOST = 100;

t.test('what one has committed, the other sends at once', { timeout: 100_000 }, async (t) => {
  const a = await startDaemon(t);
  const b = await startDaemon(t, { dir: a.dir });
  const nginx = await startNginx(t, { upstreams: [a.port, b.port], site: 'http' });
  const wall = await HttpPublisher.join(nginx.url, 'wall');
  const came = new Map<string, number[]>();
  const readers = Array.from(
    { length: READERS },
    () =>
      new ConformanceClient({
        url: nginx.url,
        onEvent: ({ event, id }) => {
          if (event !== 'patch' || id === undefined) return;
          const cursor = id.split('~')[0]!;
          came.set(cursor, [...(came.get(cursor) ?? []), performance.now()]);
        },
      }),
  );
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  // One after the other: nginx gives each to the replica with fewer.
  for (const reader of readers) {
    reader.connect();
    await reader.untilCursor(wall.cursor);
  }
  for (const { url } of [a, b]) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    t.match(metrics, /^compositord_stream_readers [1-9]/m, 'both have readers');
  }
  for (let i = 0; i < COMMITS; i++) {
    const cursor = await wall.patch({ [`${i},0`]: { brick: `b${i}` } });
    await Promise.all(readers.map((reader) => reader.untilCursor(cursor)));
  }
  const apart = [...came.values()].map((times) => Math.max(...times) - Math.min(...times));
  apart.sort((one, other) => one - other);
  t.ok(apart.length >= COMMITS * 0.9, 'hardly any came together with the next');
  const median = apart[Math.floor(apart.length / 2)]!;
  t.comment(`first and last reader of a commit are ${median.toFixed(1)} ms apart (median)`);
  t.ok(median < MOST, `${median} ms apart`);
  for (const reader of readers) await sameAsManifest(t, reader, nginx.url);
});
