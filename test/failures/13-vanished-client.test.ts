// FAILURES 13. A client that vanished behind a proxy that keeps reading: the proxy has not noticed and takes all that
// comes. Stream, timers and subscription must be gone at the connection's age, and the count of readers must be right.
import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { filled } from './bulk.ts';
import { eventually } from './eventually.ts';
import { HttpPublisher } from './publisher.ts';
import { RawStream } from './raw-stream.ts';

t.test('the stream of a vanished client ends at its age', { timeout: 60_000 }, async (t) => {
  const { app, config } = await build(t, { settings: { stream: { maxAge: 2, heartbeat: 0.2 } } });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  // It reads on, for nobody: the answers to what its client asked.
  let ghosts = 0;
  const proxy = createServer((client) => {
    const upstream = connect(config.settings.listen.port, '127.0.0.1');
    ghosts++;
    client.on('data', (bytes) => upstream.write(bytes));
    client.on('error', () => undefined);
    upstream.on('data', (bytes) => client.writable && client.write(bytes));
    upstream.on('error', () => undefined);
    upstream.on('close', () => {
      ghosts--;
      client.destroy();
      proxy.emit('upstream-closed');
    });
  });
  proxy.listen(await freePort(), '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => proxy.close());
  const { port } = proxy.address() as { port: number };

  const readers = Array.from(
    { length: 20 },
    () => new ConformanceClient({ url: `http://127.0.0.1:${port}` }),
  );
  for (const reader of readers) {
    reader.connect();
    await reader.untilCursor(wall.cursor);
  }
  t.equal(app.feed.readers, 20);
  await Promise.all(readers.map((reader) => reader.disconnect()));
  await wall.patch({ '0,0': { brick: 'unread' } });
  t.equal(app.feed.readers, 20, 'nothing tells a vanished client from a reader');

  const late = AbortSignal.timeout(15_000);
  while (ghosts > 0) await once(proxy, 'upstream-closed', { signal: late });
  t.equal(app.feed.readers, 0, 'until its age is over');
  for (const reader of readers) t.strictSame(reader.copy.violations, []);
});

t.test('one that neither reads nor goes is cut off soon after its age', { timeout: 60_000 }, async (t) => {
  const { app, config, log } = await build(t, { settings: { stream: { maxAge: 2, heartbeat: 0.2 } } });
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  for (let y = 0; y < 8; y++)
    await app.publisher.patch('wall', filled({ x: 0, y, width: 5000, height: 1, name: `${y}` }));
  const stream = new RawStream({ port: config.settings.listen.port });
  t.teardown(() => stream.destroy());
  stream.socket.pause();
  await eventually(() => app.feed.readers === 1, 'it is there');
  await eventually(() => app.feed.readers === 0, 'it is gone');
  await eventually(() => log.some(({ msg }) => msg === 'stream ends'), 'with its connection');
  stream.socket.resume();
  await stream.closed;
  t.notOk(stream.text.includes('event: bye'), 'cut off: it read nothing, so there was no way to tell it');
});
