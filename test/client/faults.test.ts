import { createServer } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { HttpPublisher } from '../failures/publisher.ts';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { tcpProxy } from '../support/tcp-proxy.ts';
import { loadVectors } from '../vectors/vectors.ts';
import { follow, hear, isExact, reached, until } from './following.ts';
import { lyingServer, stream } from './lying-server.ts';

const initial = Buffer.from(loadVectors().get('initial')!.bytes).toString();

t.test('a connection that hangs without an error', { timeout: 100_000 }, async (t) => {
  const daemon = await startDaemon(t, { args: ['--stream-heartbeat=1'] });
  const wall = await HttpPublisher.join(daemon.url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' } });
  const proxy = await tcpProxy(t, daemon.port);
  const map = follow(t, { url: `http://127.0.0.1:${proxy.port}`, watchdog: 6000 });
  await reached(map, wall.cursor);
  const heard = hear(map);
  proxy.swallow();
  await wall.patch({ '0,0': { brick: 'b' } });
  await reached(map, wall.cursor);
  t.equal(heard.problems[0], 'silent');
  await isExact(t, map, daemon.url);

  heard.problems.length = 0;
  daemon.signal('SIGSTOP');
  await until(map, () => heard.problems.includes('silent'), 'the silence of a daemon that stands still');
  daemon.signal('SIGCONT');
  await until(map, ({ state }) => state === 'live', 'life');
  await isExact(t, map, daemon.url);
});

t.test('a digest that is not that of the copy', async (t) => {
  t.match(initial, /"digest":"3-7d622ea4"/, 'the vector has one');
  const server = await lyingServer(t, [stream(initial.replace('3-7d622ea4', '3-7d622ea5')), stream(initial)]);
  const map = follow(t, { url: server.url });
  const heard = hear(map);
  await until(map, ({ state }) => state === 'live');
  t.strictSame(heard.problems, ['broken']);
  t.strictSame(
    server.requests.map(({ headers }) => headers['last-event-id']),
    [undefined, undefined],
    'it comes back from nothing',
  );
  t.strictSame(heard.removed, [], 'and shows what it has until then');
  t.equal(map.tiles.size, 3);
});

t.test('data that is none, unknown events, and a well-formed end without a goodbye', async (t) => {
  const server = await lyingServer(t, [
    stream('event: snapshot\nid: 1-00000000~\ndata: {"reason":\n\n'),
    stream('event: patch\nid: 1-00000000\ndata: 7\n\n'),
    (reply) => reply.writeHead(204).end(),
    (reply) => reply.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
    (reply) => reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(initial),
    stream(`event: news\ndata: x\n\n`),
  ]);
  const map = follow(t, { url: server.url, maxRetry: 50 });
  const heard = hear(map);
  await until(map, () => heard.states.includes('live'), 'life');
  await until(map, () => heard.problems.at(-1) === 'cut', 'the end');
  t.strictSame(heard.problems, ['broken', 'broken', 'refused', 'unreachable', 'cut']);
  t.equal(map.cursor, '12-7af6427c');
  t.equal(map.tiles.size, 3);
});

t.test('the token goes along, and a problem says what was wrong', async (t) => {
  const server = await lyingServer(t, [
    (reply) => reply.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"title":"no"}'),
    stream(initial),
  ]);
  const map = follow(t, {
    url: `${server.url}/base`,
    token: 'secret',
    view: '0,0,1,1',
    compositor: ['b', 'a'],
  });
  let told: unknown;
  map.on('problem', (problem) => (told = problem));
  await until(map, ({ state }) => state === 'live');
  t.match(told, { kind: 'refused', status: 503, title: 'no', detail: '503 no' });
  t.equal(server.requests[0]?.headers.authorization, 'Bearer secret');
  t.equal(server.requests[0]?.url, '/base/manifest/stream?view=0%2C0%2C1%2C1&compositor=a&compositor=b');
});

t.test('a long event that comes slowly is not silence', { timeout: 60_000 }, async (t) => {
  const port = await freePort();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
    // Each pause is shorter than the watchdog, all of them are longer.
    const pieces = initial.match(/[^]{1,25}/g)!;
    const timer = setInterval(() => {
      const piece = pieces.shift();
      if (piece === undefined) clearInterval(timer);
      else socket.write(piece);
    }, 200);
    socket.on('close', () => clearInterval(timer));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const map = follow(t, { url: `http://127.0.0.1:${port}`, watchdog: 3000 });
  await until(map, ({ state }) => state === 'live');
  t.equal(map.tiles.size, 3);
  map.close();
});
