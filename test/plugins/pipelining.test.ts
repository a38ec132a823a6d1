import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { Pipelining } from '../../src/plugins/pipelining.ts';
import { build } from '../support/build.ts';
import { rawRequest } from '../support/raw-request.ts';
import { eventually } from '../failures/eventually.ts';

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;

/** A daemon that notes when it works on which URL. */
async function watched(t: Parameters<typeof build>[0]) {
  const working = new Set<string>();
  const seen: string[] = [];
  let most = 0;
  const { app, inject } = await build(t, {
    register: (server) => {
      server.addHook('onRequest', async ({ url }, reply) => {
        seen.push(url);
        working.add(url);
        most = Math.max(most, working.size);
        reply.raw.once('close', () => working.delete(url));
      });
    },
  });
  const url = await app.listen();
  return { app, inject, url, seen, most: () => most };
}

t.test('pipelined requests are answered in their order, one at a time', async (t) => {
  const { url, seen, most } = await watched(t);
  const paths = Array.from({ length: 300 }, (_, i) => `/problems/${i}`);
  const text = await rawRequest(
    url,
    paths.map((path) => get(path)).join('') + get('/health/live', 'Connection: close\r\n'),
  );
  t.strictSame(seen, [...paths, '/health/live']);
  t.strictSame(
    [...text.matchAll(/there is no kind of error \\"(\d+)\\"/g)].map(([, n]) => `/problems/${n}`),
    paths,
  );
  t.match(text, /\{"status":"pass"\}\s*$/);
  t.equal(most(), 1);
});

t.test('bodies between pipelined requests, in one packet or in many', async (t) => {
  const { url, seen } = await watched(t);
  const body = JSON.stringify({ '0,0': { brick: 'a'.repeat(200) } });
  const put = (id: string, json: string, path = '') =>
    `PUT /compositors/${id}${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`;
  const bytes =
    put('w', '{"name":"w"}') +
    Array.from({ length: 12 }, () => put('w', body, '/tiles')).join('') +
    get('/compositors/w/tiles', 'Connection: close\r\n');
  const whole = await rawRequest(url, bytes);
  t.equal(whole.match(/^HTTP\/1\.1 20[01] /gm)?.length, 14);
  t.equal(seen.length, 14);
  // In pieces that end anywhere: inside heads and bodies, while others wait.
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  t.teardown(() => socket.destroy());
  let answer = '';
  socket.on('data', (piece) => (answer += piece.toString()));
  for (let at = 0; at < bytes.length; at += 700) {
    socket.write(bytes.slice(at, at + 700));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => socket.closed, 'everything is answered');
  t.equal(answer.match(/^HTTP\/1\.1 200 /gm)?.length, 14);
});

t.test('what waits behind a stream or a long poll goes with its connection', async (t) => {
  const { app, inject, url, seen } = await watched(t);
  const { hostname, port } = new URL(url);
  const { cursor } = (await inject('/manifest')).json;
  for (const first of ['/manifest/stream', `/manifest/changes?since=${cursor}&wait=60`]) {
    seen.length = 0;
    const socket = connect(Number(port), hostname);
    t.teardown(() => socket.destroy());
    socket.write(get(first) + get('/manifest').repeat(20));
    await eventually(() => seen.length > 0, 'the first is worked on');
    socket.resetAndDestroy();
    await eventually(() => app.feed.readers === 0, 'it is gone');
    t.strictSame(seen, [first], 'the others never began');
  }
  await app.close();
  t.pass('nor does the shutdown wait for them');
});

t.test('a connection with thousands of requests in one packet is cut', async (t) => {
  const { url, seen } = await watched(t);
  // Whether the client sees an end or a reset depends on what it had sent by then.
  const answer = await rawRequest(url, 'GET /manifest HTTP/1.1\r\n\r\n'.repeat(2400)).catch(() => '');
  t.ok((answer.match(/^HTTP/gm) ?? []).length < 2);
  t.ok(seen.length < 3);
  t.match(await rawRequest(url, get('/health/live', 'Connection: close\r\n')), /^HTTP\/1\.1 200 /);
});

// What went wrong: the 400 for what is not HTTP went to the socket at once, in front of the replies to the requests before it,
// so that a client (or a proxy that shares the connection) took it for the answer to another request.
t.test('what is no request is answered after the requests before it', async (t) => {
  const { url, seen } = await watched(t);
  const brokenBody = `POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\nnot a size\r\n`;
  const tooLong = `GET / HTTP/1.1\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`;
  const last = { 'NOT HTTP\r\n\r\n': 400, [brokenBody]: 400, [tooLong]: 431 };
  for (const [bytes, status] of Object.entries(last))
    for (const before of [0, 1, 5, 30]) {
      seen.length = 0;
      const paths = Array.from({ length: before }, (_, i) => `/problems/${i}`);
      const text = await rawRequest(url, paths.map((path) => get(path)).join('') + bytes);
      t.strictSame(
        [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, code]) => Number(code)),
        [...paths.map(() => 404), status],
      );
      t.strictSame(seen.slice(0, before), paths, 'what came whole is worked on');
    }
});

t.test(
  'behind a reply that does not end the connection does, and nothing comes between its events',
  async (t) => {
    const { app, url } = await watched(t);
    const text = await rawRequest(url, `${get('/manifest/stream')}NOT HTTP\r\n\r\n`);
    t.equal(text.match(/^HTTP/gm)?.length, 1);
    t.match(text, /event: synced/);
    await eventually(() => app.feed.readers === 0, 'it is gone');
  },
);

// What went wrong: a connection with more requests than are kept is not read for a while. Node counted that time for the head in whose
// middle the reading had stopped, and the connection was cut with its requests unanswered.
t.test('while nothing is read from a connection, the head that comes next is not late', async (t) => {
  const socket = Object.assign(new EventEmitter(), {
    destroyed: false,
    pause: () => t.ok(true, 'nothing is read'),
    resume: () => undefined,
    destroy: () => t.fail('it is cut'),
    destroySoon: () => undefined,
  }) as unknown as Socket;
  const pipelining = new Pipelining({ headersTimeout: 1 });
  const started: EventEmitter[] = [];
  const enter = () => {
    const response = new EventEmitter();
    const request = { socket, complete: true } as unknown as IncomingMessage;
    pipelining.enter(request, response as unknown as ServerResponse, () => started.push(response));
  };
  const answerAll = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await eventually(() => started.length > i, 'its turn');
      started[i]!.emit('close');
    }
    started.length = 0;
  };
  for (let i = 0; i < 10; i++) enter();
  pipelining.headIsLate(socket, () => t.fail('the head had arrived'));
  enter();
  await answerAll(11);
  for (let i = 0; i < 10; i++) enter();
  const late = new Promise<void>((resolve) => pipelining.headIsLate(socket, resolve));
  await answerAll(10);
  await late;
  t.pass('it is late when it does not come after reading went on');
});

// What went wrong: a reply that ends the connection (to a body of the wrong type) closed it at once. The kernel answered what the client
// had already sent behind it with a reset, and with that the replies were lost that the client had not read yet.
t.test('a reply that ends the connection takes no other along', async (t) => {
  const { app, url } = await watched(t);
  const { hostname, port } = new URL(url);
  const accepted = once(app.server.server, 'connection') as Promise<[Socket]>;
  const socket = connect(Number(port), hostname).pause();
  t.teardown(() => socket.destroy());
  const wrong =
    'POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}';
  const behind = get('/problems', `X-Fill: ${'x'.repeat(1500)}\r\n`).repeat(200);
  socket.write(get('/openapi.json').repeat(3) + wrong + behind);
  const [there] = await accepted;
  let text = '';
  // It has written its last byte, or closed.
  await eventually(() => {
    text += String(socket.read(64 * 1024) ?? '');
    return there.writableFinished || there.destroyed;
  }, 'the end');
  const ended = once(socket, 'end');
  socket.on('data', (piece) => (text += piece.toString())).resume();
  await ended;
  t.strictSame(
    [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status),
    ['200', '200', '200', '415'],
  );
  t.ok(/unsupported-media-type[^]*\}\s*$/.test(text), 'to its last byte');
});
