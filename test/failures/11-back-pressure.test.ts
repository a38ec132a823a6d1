// FAILURES 11. `write()` that returns false is no disconnect, and `drain` may never come. (a) A slow drain: the stream is
// complete. (b) Destroyed without an error while it drains: no listener, reader or file is left, and it is closed once.
import { readdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { filled } from './bulk.ts';
import { eventually } from './eventually.ts';
import { HttpPublisher } from './publisher.ts';
import { RawStream } from './raw-stream.ts';
import { sameAsManifest } from './same-as-manifest.ts';

const CYCLES = 2000;
const AT_ONCE = 20;

t.test('(a) a drain that comes late, many times over', { timeout: 60_000 }, async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  const reader = new ConformanceClient({ url, reconnect: false });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(app.replica.copy.head);
  for (let turn = 0; turn < 10; turn++) {
    reader.pause();
    // 6 MB: more than the sockets hold.
    for (let i = 0; i < 4; i++)
      await app.publisher.patch('wall', filled({ x: 0, y: i, width: 5000, height: 1, name: `${turn}-${i}` }));
    reader.resume();
    const { events } = reader.counts;
    await reader.until(({ counts }) => counts.events > events, 30_000, 'what was on its way');
  }
  await reader.untilCursor(app.replica.copy.head, 30_000);
  await sameAsManifest(t, reader, url);
  t.equal(reader.counts.connections, 1, 'it was never cut off');
});

t.test('(b) a client that dies while its socket is full', { timeout: 60_000 }, async (t) => {
  const { app, config, log } = await build(t);
  const accepted: Socket[] = [];
  app.server.server.on('connection', (socket: Socket) => accepted.push(socket));
  const url = await app.listen();
  await HttpPublisher.join(url, 'wall');
  for (let i = 0; i < 8; i++)
    await app.publisher.patch('wall', filled({ x: 0, y: i, width: 5000, height: 1, name: `${i}` }));
  const connections = accepted.length;
  const streams = Array.from({ length: 10 }, () => {
    const stream = new RawStream({ port: config.settings.listen.port });
    stream.socket.pause();
    return stream;
  });
  const full = () => accepted.slice(connections).filter((socket) => socket.writableNeedDrain).length;
  await eventually(() => full() === streams.length, 'all sockets are full');
  t.equal(app.feed.readers, streams.length);
  for (const [i, stream] of streams.entries()) {
    if (i % 2 === 0) stream.destroy();
    else stream.socket.resetAndDestroy();
  }
  await eventually(() => app.feed.readers === 0, 'nobody is left');
  const ours = accepted.slice(connections);
  await eventually(() => ours.every((socket) => socket.closed), 'every socket is closed');
  t.strictSame(
    ours.map((socket) => socket.listenerCount('drain')),
    ours.map(() => accepted[0]!.listenerCount('drain')),
    'nobody of ours waits for a drain that never comes',
  );
  const ends = () => log.filter(({ msg }) => msg === 'stream ends').length;
  t.equal(ends(), streams.length, 'each was closed once');
  await app.publisher.patch('wall', filled({ x: 0, y: 0, width: 1, height: 1, name: 'after' }));
  t.equal(ends(), streams.length);
  t.strictSame(
    log.filter(({ level }) => Number(level) >= 40),
    [],
    'and nothing is worth a warning',
  );
});

t.test(`${CYCLES} connections come and are killed`, { timeout: 90_000 }, async (t) => {
  const { app, config } = await build(t, { settings: { log: { level: 'warn' } } });
  const sockets = new Set<Socket>();
  app.server.server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  t.teardown(() => process.off('warning', warned));
  const cycle = async (i: number) => {
    const stream = new RawStream({ port: config.settings.listen.port });
    // Before its head, after it, in the middle of a catch-up, and while commits come.
    if (i % 4 === 0) await new Promise((resolve) => stream.socket.once('connect', resolve));
    else if (i % 4 === 1) await stream.until('HTTP/1.1 200');
    else await stream.until('event: synced');
    if (i % 50 === 3) await wall.patch({ '0,0': { brick: `b${i}` } });
    if (i % 2 === 0) stream.destroy();
    else stream.socket.resetAndDestroy();
    await stream.closed;
  };
  const cycles = async (count: number) => {
    let next = 0;
    const some = async () => {
      while (next < count) await cycle(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
    await eventually(() => app.feed.readers === 0, 'nobody is left');
    await eventually(() => sockets.size < AT_ONCE, 'nor a socket but those of the writes');
  };
  await cycles(100);
  const before = counts(app);
  await cycles(CYCLES);
  const after = counts(app);
  // The writes keep a few connections of their own, with two ends here.
  t.ok(after.files <= before.files + 4 * AT_ONCE, `open files: ${before.files}, then ${after.files}`);
  t.strictSame({ ...after, files: 0 }, { ...before, files: 0 }, 'listeners');
  t.strictSame(warnings, []);
});

/** Open files of this process, and listeners of what lives as long as the server. */
function counts({ server }: { server: { server: NodeJS.EventEmitter } }) {
  const { server: http } = server;
  return {
    files: readdirSync('/proc/self/fd').length,
    server: http.eventNames().map((name) => [name, http.listenerCount(name)]),
    process: process.eventNames().map((name) => [name, process.listenerCount(name)]),
  };
}
