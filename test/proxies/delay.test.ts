// What went wrong: the kernel of HAProxy's machine held each small event back until the one before it was acknowledged or 200 ms had
// passed. An event through a proxy comes as soon as one read from the daemon, but for a wide margin.
import t, { type Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { startNginx } from '../support/nginx.ts';
import { CADDY, HAPROXY, startProxy, withProxy } from './haproxy-or-caddy.ts';

const EVENTS = 40;
/** Milliseconds that a proxy may add to the median: far more than any does, far less than what the kernel held back. */
const MARGIN = 60;

t.test('nginx', async (t) => {
  const daemon = await startDaemon(t);
  await comesAtOnce(t, daemon.url, (await startNginx(t, { upstreams: [daemon.port], site: 'http' })).url);
});

for (const proxy of [HAPROXY, CADDY])
  withProxy(t, proxy, async (t) => {
    const daemon = await startDaemon(t);
    await comesAtOnce(t, daemon.url, await startProxy(t, proxy, [daemon.port, daemon.port]));
  });

async function comesAtOnce(t: Test, direct: string, proxied: string): Promise<void> {
  const wall = await HttpPublisher.join(direct, 'wall');
  const [beside, through] = [direct, proxied].map((url) => new Watch(t, url)) as [Watch, Watch];
  await Promise.all([beside, through].map(({ reader }) => reader.untilCursor(wall.cursor)));
  for (let i = 0; i < EVENTS; i++) {
    const cursor = await wall.patch({ [`${i},0`]: { brick: `b${i}` } });
    await Promise.all([beside, through].map(({ reader }) => reader.untilCursor(cursor)));
  }
  const later = through.times.map((time, i) => time - beside.times[i]!).sort((a, b) => a - b);
  t.equal(later.length, EVENTS);
  const median = later[EVENTS / 2]!;
  t.comment(`the median of ${EVENTS} events comes ${median.toFixed(1)} ms later`);
  t.ok(median < MARGIN, `${median} ms later`);
}

/** When each patch came, in milliseconds of one clock. */
class Watch {
  readonly times: number[] = [];
  readonly reader: ConformanceClient;

  constructor(t: Test, url: string) {
    this.reader = new ConformanceClient({
      url,
      onEvent: ({ event }) => {
        if (event === 'patch') this.times.push(performance.now());
      },
    });
    t.teardown(() => this.reader.disconnect());
    this.reader.connect();
  }
}
