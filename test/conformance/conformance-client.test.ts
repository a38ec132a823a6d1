import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { freePort } from '../support/free-port.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { loadVectors } from '../vectors/vectors.ts';

const vectors = loadVectors();
const HEAD =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store, no-transform\r\n' +
  'Transfer-Encoding: chunked\r\n\r\n';

t.test('it takes a transcript, is cut, comes back with its last id and goes on', async (t) => {
  const server = await serve(t, [
    (socket) => socket.write(HEAD + chunk('cut-inside-snapshot'), () => socket.destroySoon()),
    (socket) => socket.write(HEAD + chunk('after-cut-inside-snapshot')),
  ]);
  const reader = new ConformanceClient({ url: server.url, maxRetry: 0 });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until((r) => r.copy.exact);
  t.strictSame(server.ids, [undefined, vectors.get('cut-inside-snapshot')?.lastEventId]);
  t.equal(reader.copy.lastEventId, vectors.get('after-cut-inside-snapshot')?.lastEventId);
  t.strictSame([...reader.copy.tiles.keys()], ['5,5']);
  t.match(reader.counts, { connections: 2, snapshots: 2, cut: 1, unreachable: 0, refused: 0 });
  t.strictSame(reader.copy.violations, []);
  await reader.untilCursor(reader.copy.cursor ?? '');
});

t.test('a well-formed end without a bye is a breach, one after a bye is not', async (t) => {
  const server = await serve(t, [
    (socket) => socket.end(`${HEAD}${chunk('initial')}0\r\n\r\n`),
    (socket) => socket.end(`${HEAD}${chunk('bye-at-once')}0\r\n\r\n`),
  ]);
  const reader = new ConformanceClient({ url: server.url, maxRetry: 0 });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until((r) => r.counts.ended === 1);
  t.match(reader.copy.violations.join(), /without a bye/);
  await reader.until((r) => r.counts.ended === 2);
  t.equal(reader.copy.violations.length, 1);
  t.ok(reader.copy.exact, 'it keeps what it had');
});

t.test('silence makes it come back, also where the head never comes', async (t) => {
  const server = await serve(t, [
    () => undefined,
    (socket) => socket.write(`${HEAD}${chunk('initial')}`),
    (socket) => socket.write(`${HEAD}${chunk('resume-nothing-missed')}`),
  ]);
  const reader = new ConformanceClient({ url: server.url, maxRetry: 0, watchdog: 200 });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until((r) => r.counts.connections === 2);
  t.equal(server.ids[2], vectors.get('initial')?.lastEventId);
  t.ok(reader.counts.silent >= 2);
});

t.test('it can be dropped while nobody answers, and moved to another replica', async (t) => {
  const mute = await serve(t, [() => undefined]);
  const good = await serve(t, [(socket) => socket.write(`${HEAD}${chunk('initial')}`)]);
  const reader = new ConformanceClient({ url: mute.url });
  reader.connect();
  await mute.accepted;
  await reader.disconnect();
  reader.connect(good.url);
  await reader.until((r) => r.copy.exact);
  await reader.disconnect();
  t.strictSame(reader.copy.violations, []);
  await t.rejects(
    reader.until((r) => !r.copy.exact, 10, 'the impossible'),
    /did not see the impossible within 10 ms.*"exact":true/,
  );
});

t.test('paused, it reads nothing; resumed, it takes all', async (t) => {
  const server = await serve(t, [(socket) => socket.write(`${HEAD}${chunk('live')}`)]);
  const reader = new ConformanceClient({ url: server.url });
  t.teardown(() => reader.disconnect());
  reader.pause();
  reader.connect();
  await reader.until((r) => r.stream !== undefined);
  t.equal(reader.counts.events, 0);
  reader.resume();
  await reader.until((r) => r.copy.lastEventId === vectors.get('live')?.lastEventId);
  t.strictSame(reader.copy.violations, []);
});

function chunk(name: string): string {
  const bytes = vectors.get(name)?.bytes;
  if (!bytes) throw new Error(`there is no vector ${name}`);
  return `${bytes.length.toString(16)}\r\n${Buffer.from(bytes).toString()}\r\n`;
}

/** Answers the n-th connection with the n-th script, and keeps the Last-Event-ID that each of them sent. */
async function serve(t: Test, scripts: ((socket: Socket) => unknown)[]) {
  const ids: (string | undefined)[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', (request) => {
      ids.push(/^last-event-id: (.*)\r$/im.exec(request.toString())?.[1]);
      scripts[Math.min(ids.length, scripts.length) - 1]?.(socket);
    });
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${port}`, ids, accepted: once(server, 'connection') };
}
