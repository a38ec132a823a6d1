// FAILURES 14, 16. Behind the nginx of deploy/, replicas on one folder are restarted one after the other, gracefully and not, while a
// compositor publishes through it: no reader is lied to, starts over, or misses a tile, and nothing answered 2xx is lost.
import t from 'tap';
import { sameAsManifest } from '../failures/same-as-manifest.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';

const VIEWS = [undefined, '0,0,9,0', '10,0,19,0', '500,500,510,510'];
const READERS = 12;

t.test('a rolling restart', { timeout: 100_000 }, async (t) => {
  // A reader whose view nothing happens in learns of the last commit from a heartbeat.
  const args = ['--stream-heartbeat=1'];
  let a = await startDaemon(t, { args });
  let b = await startDaemon(t, { args, dir: a.dir });
  const nginx = await startNginx(t, { upstreams: [a.port, b.port], site: 'http' });
  const put = await send('PUT', `${nginx.url}/compositors/wall`, { name: 'wall', ttl: 86_400 });
  t.equal(put.status, 201);

  const readers = Array.from({ length: READERS }, (_, i) => {
    const view = VIEWS[i % VIEWS.length];
    return new ConformanceClient({ url: nginx.url, maxRetry: 300, ...(view !== undefined && { view }) });
  });
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();
  await Promise.all(readers.map((reader) => reader.untilCursor(put.body.cursor)));

  // Writes until told to stop; what is not answered 2xx is sent again, as a compositor does.
  const written = new Map<string, string>();
  let last = put.body.cursor as string;
  let answered = 0;
  const done = new AbortController();
  const writing = (async () => {
    for (let i = 0; !done.signal.aborted; i++) {
      const [key, brick] = [`${i % 20},0`, `brick-${i}`];
      for (;;) {
        const reply = await send('PATCH', `${nginx.url}/compositors/wall/tiles`, { [key]: { brick } });
        if (reply.status === 200) {
          last = reply.body.cursor as string;
          break;
        }
        if (reply.status < 500) throw new Error(`${reply.status} ${JSON.stringify(reply.body)}`);
      }
      written.set(key, brick);
      answered++;
    }
  })();
  /** Resolves once the writer has had `more` answers. */
  const goesOn = async (more: number) => {
    const target = answered + more;
    await readers[0]!.until(() => answered >= target, 30_000, `${more} more writes`);
  };

  await goesOn(20);
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await a.stop(signal);
    await goesOn(20);
    a = await startDaemon(t, { args, dir: a.dir, port: a.port });
    await goesOn(20);
    await b.stop(signal);
    await goesOn(20);
    b = await startDaemon(t, { args, dir: b.dir, port: b.port });
    await goesOn(20);
  }
  done.abort();
  await writing;

  for (const [i, reader] of readers.entries()) {
    await reader.untilCursor(last);
    const view = VIEWS[i % VIEWS.length];
    await sameAsManifest(t, reader, nginx.url, view === undefined ? {} : { view }, `reader ${i}`);
    t.equal(reader.counts.snapshots, 1, 'no second snapshot');
    t.ok(reader.counts.connections > 1, 'it was moved');
    t.equal(reader.counts.refused, 0, 'and found a replica each time');
  }
  const { body } = await send('GET', `${nginx.url}/manifest?atLeast=${last}`);
  for (const [key, brick] of written) t.equal(body.tiles[key]?.brick, brick, `what was answered 2xx: ${key}`);
});
