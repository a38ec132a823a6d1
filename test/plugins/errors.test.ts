import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { build } from '../support/build.ts';
import { rawRequest } from '../support/raw-request.ts';

t.test('an error of ours is told as such, never in its words, and logged once', async (t) => {
  const { inject, log } = await build(t, {
    register: (server) => {
      server.get('/boom', { schema: { hide: true } }, () => {
        throw new Error('the password is swordfish');
      });
    },
  });
  const reply = await inject({ url: '/boom', headers: { 'x-request-id': 'from-the-proxy' } });
  t.match(reply, { status: 500, json: { type: '/problems/internal', detail: /from-the-proxy/ } });
  t.notMatch(reply.text, 'swordfish');
  const lines = log.filter((line) => line['level'] === 50);
  t.equal(lines.length, 1);
  t.match(lines, [{ reqId: 'from-the-proxy', err: { message: /swordfish/ } }]);
});

t.test('a request id that could forge a log line is not taken', async (t) => {
  const { inject, log } = await build(t);
  await inject({ url: '/nowhere', headers: { 'x-request-id': 'a b' } });
  const line = log.find((each) => each['url'] === '/nowhere');
  t.match(line, { reqId: /^[0-9a-f-]{36}$/, status: 404 });
});

t.test('what is no HTTP, or too much of it, gets a problem', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const head = 'GET /health HTTP/1.1\r\nHost: localhost\r\n';
  const cases: [string, RegExp, RegExp][] = [
    ['hello\r\n\r\n', /^HTTP\/1.1 400 /, /invalid-request/],
    [`${head}Bad Header: x\r\n\r\n`, /^HTTP\/1.1 400 /, /invalid-request/],
    [`${head}Last-Event-ID: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /, /too-large/],
    [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, /^HTTP\/1.1 431 /, /too-large/],
  ];
  for (const [bytes, status, type] of cases) {
    const answer = await rawRequest(url, bytes);
    t.match(answer, status);
    t.match(answer, type);
    const [, body = ''] = answer.split('\r\n\r\n');
    t.match(JSON.parse(body), { title: String, status: Number });
  }
});

// What went wrong: Node answered an expectation that it does not know with an empty 417, which is no problem of ours.
t.test('an expectation that nobody knows is ignored', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const head = (expected: string) =>
    `HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: ${expected}\r\n`;
  t.match(await rawRequest(url, `GET /health/live ${head('everything')}\r\n`), /^HTTP\/1.1 200 /);
  const put = `PUT /compositors/wall ${head('200-ok')}Content-Type: application/json\r\n`;
  t.match(await rawRequest(url, `${put}Content-Length: 15\r\n\r\n{"name":"Wall"}`), /^HTTP\/1.1 201 /);
  const continued = `PUT /compositors/wall ${head('100-continue')}Content-Type: application/json\r\n`;
  t.match(
    await rawRequest(url, `${continued}Content-Length: 15\r\n\r\n{"name":"Wall"}`),
    /^HTTP\/1.1 100 [^]*HTTP\/1.1 200 /,
  );
});

// What went wrong: the library that serves these files refuses some names with errors of its own, which counted as our bugs: 500.
t.test('a path that no file may have is not found', async (t) => {
  const { app, log } = await build(t);
  const url = await app.listen();
  const names = ['.', '..', '%2e', '%2e%2e', '%00', 'a%00b', '%5c', '%2e%2e%5cx', '.env', 'nothing'];
  for (const name of [...names, '..%2f..%2fpackage.json', '../../package.json']) {
    const answer = await rawRequest(
      url,
      `GET /docs/static/${name} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    t.match(answer, /^HTTP\/1.1 404 [^]*problems\/not-found/, name);
  }
  t.strictSame(
    log.filter((line) => Number(line['level']) >= 50),
    [],
  );
});

// What went wrong: after such a request the connection was only half closed. A client that stayed held it; and when its reading
// was paused, under replies that were not written yet, nobody noticed that the client had left.
t.test('a connection that carried what is not HTTP is given back', async (t) => {
  const { app } = await build(t);
  const { port } = new URL(await app.listen());
  const held = new Set<Socket>();
  const nothingHeld = new Promise<void>((resolve) => {
    app.server.server.on('connection', (socket: Socket) => {
      held.add(socket);
      socket.once('close', () => {
        held.delete(socket);
        if (held.size === 0) resolve();
      });
    });
  });
  const head = (request: string) => `${request} HTTP/1.1\r\nHost: localhost\r\n`;
  const backlog = ['/compositors/wall/proxy/x', '/metrics', '/health'].map(
    (path) => `${head(`GET ${path}`)}\r\n`,
  );
  const unread = `${head('PUT /compositors/wall/tiles')}Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}`;
  const client = async (bytes: string, stays: boolean) => {
    const socket = connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write(bytes);
    await once(socket.resume(), 'end');
    if (!stays) socket.destroy();
  };
  const late = Array.from({ length: 8 }, async () =>
    client(`${backlog.join('')}${unread}garbage\r\n\r\n`, false),
  );
  await Promise.all([...late, client('garbage\r\n\r\n', false), client('garbage\r\n\r\n', true)]);
  const ceiling = AbortSignal.timeout(8000);
  await Promise.race([nothingHeld, once(ceiling, 'abort')]);
  t.equal(held.size, 0, 'also that of a client that stays');
});

// What went wrong: Node takes a line without a version for HTTP, and with it methods that the router does not know: those were answered 500.
t.test('a method that nobody knows is no failure of ours, in whatever version of HTTP', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  for (const method of ['PRI', 'DESCRIBE', 'FLUSH', 'SOURCE', 'BREW', 'PURGE', 'QUERY'])
    for (const rest of ['', ' HTTP/1.0', ' HTTP/1.1']) {
      const reply = await rawRequest(
        url,
        `${method} /problems/nothing${rest}\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
      );
      t.match(reply, /^HTTP\/1\.1 40[045] /, `${method}${rest}`);
    }
});
