import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import t from 'tap';
import { wall } from './proxied-wall.ts';
import { ask, open } from './raw-exchange.ts';

/** Answers with what was asked. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    const { method, url, rawHeaders } = request;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ method, url, rawHeaders, body: Buffer.concat(pieces).toString('latin1') }));
  });
}

t.test('any path and query arrives as it was written', async (t) => {
  const { peer, port, root } = await wall(t, { settings: { basePath: '/studio' } });
  peer.onRequest = echo;
  for (const path of [
    '/',
    '/api/things?a=1&a=2&b=%20+',
    '/%2e%2e/%2E%2e/secret',
    '/../../x',
    '/./a/../b',
    '//double///slash/',
    '/a%2Fb%00%c3%bc',
    '/proxy/compositors/x/proxy/',
    '/?',
    '/a?url=http://other.example/proxy/b',
    '/;a=b',
    `/${'x'.repeat(8000)}`,
  ]) {
    const answer = await ask(t, port, root + path);
    t.match(answer, { status: 200, json: { method: 'GET', url: path } }, path.slice(0, 80));
  }
  const absolute = await ask(t, port, `http://127.0.0.1:${port}${root}/a/b?c`);
  t.match(absolute, { status: 200, json: { url: '/a/b?c' } }, 'from a client that takes us for its proxy');
  t.match(await ask(t, port, `${root}/%ff`), { status: 400 }, 'no UTF-8: no URL that we can route');
  t.match(await ask(t, port, root), { status: 404, json: { type: '/studio/problems/not-found' } });
});

t.test('any method and body arrives', async (t) => {
  const { peer, port, root } = await wall(t);
  peer.onRequest = echo;
  for (const method of [
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'PROPFIND',
    'MKCOL',
    'REPORT',
    'M-SEARCH',
  ]) {
    for (const [type, body] of [
      ['application/json', '{"broken'],
      ['image/png', Buffer.from([0, 255, 13, 10]).toString('latin1')],
      ['no type at all', 'x'],
    ] as const) {
      const headers = { 'content-type': type };
      const answer = await ask(t, port, `${root}/a`, { method, headers, body: Buffer.from(body, 'latin1') });
      t.match(answer, { status: 200, json: { method, body } }, `${method} ${type}`);
      t.match(answer.json.rawHeaders.join('\n'), new RegExp(`content-type\n${type}`));
    }
    t.match(await ask(t, port, `${root}/a`, { method }), { json: { method, body: '' } }, `${method} alone`);
  }
  const chunked = await ask(t, port, `${root}/a`, {
    method: 'POST',
    headers: { 'transfer-encoding': 'chunked' },
    body: 'pieces',
  });
  t.match(chunked, { json: { body: 'pieces' } });
  const large = 'x'.repeat(3 * 2 ** 20);
  t.equal(
    (await ask(t, port, `${root}/a`, { method: 'POST', body: large })).json.body,
    large,
    'over the limit of our own bodies',
  );
  t.match(
    await ask(t, port, `${root}/a`, { method: 'GET', headers: { 'content-length': '2' }, body: 'hm' }),
    {
      json: { body: 'hm' },
    },
  );
  t.match(await ask(t, port, `${root}/a`, { method: 'TRACE' }), { status: 405 });
  const head = await ask(t, port, `${root}/a`, { method: 'HEAD' });
  t.match(head, { status: 200, headers: { 'content-type': 'application/json' }, text: '' });
});

t.test('credentials stay here; the compositor is told its own Host', async (t) => {
  const { peer, port, root } = await wall(t);
  peer.onRequest = echo;
  const { json } = await ask(t, port, `${root}/a`, {
    headers: {
      authorization: 'Bearer hush',
      cookie: 'session=hush',
      'proxy-authorization': 'Basic hush',
      'lease-generation': 'hush',
      'x-hop': 'hush',
      connection: 'close, x-hop',
      'x-forwarded-for': 'hush',
      expect: '100-continue',
      accept: 'a/b',
      'x-many': ['1', '2'],
    },
  });
  const headers = json.rawHeaders.join('\n').toLowerCase();
  t.notMatch(headers, /hush/);
  t.match(headers, new RegExp(`host\n127.0.0.1:${peer.port}`));
  t.match(headers, /accept\na\/b/);
  t.match(headers, /x-many\n1\nx-many\n2/);
  t.match(headers, /via\n1.1 compositord/);
});

t.test('the reply is the compositor’s, with nothing in it that would act in our origin', async (t) => {
  const { peer, port, root } = await wall(t);
  peer.onRequest = (_request, response) =>
    response
      .writeHead(418, 'Teapot', {
        'content-type': 'text/html',
        'set-cookie': ['a=b', 'c=d'],
        'access-control-allow-origin': '*',
        'content-security-policy': 'default-src *',
        'x-compositor-many': ['1', '2'],
        'x-mine': 'hush',
        connection: 'x-hop',
        'x-hop': 'hush',
        'x-compositor-latin': 'gr\xfc\xdfe',
      })
      .end('<script>fetch("/compositors/wall", {method: "DELETE"})</script>');
  const { status, headers, text } = await ask(t, port, `${root}/page`);
  t.match(text, /^<script>/);
  t.equal(status, 418);
  t.match(headers, {
    'content-type': 'text/html',
    'content-security-policy': /^sandbox;/,
    'x-content-type-options': 'nosniff',
    'x-compositor-many': '1, 2',
    'x-compositor-latin': 'gr\xfc\xdfe',
    via: '1.1 compositord',
  });
  for (const name of [
    'set-cookie',
    'access-control-allow-origin',
    'x-hop',
    'x-mine',
    'access-control-expose-headers',
  ])
    t.notOk(name in headers, name);
});

t.test(
  'a redirect is passed on and not followed; compressed bodies stay so; empty ones are empty',
  async (t) => {
    const { peer, port, root } = await wall(t);
    peer.mischief = 'redirect';
    peer.redirectTo = '/elsewhere?a';
    t.match(await ask(t, port, `${root}/a`), { status: 302, headers: { location: `${root}/elsewhere?a` } });
    peer.redirectTo = 'http://169.254.169.254/latest';
    t.match(await ask(t, port, `${root}/a`), { status: 302, headers: { location: peer.redirectTo } });
    t.equal(peer.requests.length, 2);
    peer.mischief = 'bomb';
    const { headers, text } = await ask(t, port, `${root}/a`);
    t.equal(headers['content-encoding'], 'gzip');
    t.ok(text.length < 2 ** 20, `${text.length} bytes, as they came`);
    peer.mischief = undefined;
    for (const status of [204, 304]) {
      peer.onRequest = (_request, response) => response.writeHead(status, { etag: '"a"' }).end();
      t.match(await ask(t, port, `${root}/a`), { status, headers: { etag: '"a"' }, text: '' });
    }
  },
);

t.test(
  'a live stream: its head comes at once, each piece as it is sent, and it ends with its caller',
  async (t) => {
    const { peer, port, root } = await wall(t);
    const asked = new Promise<ServerResponse>((resolve) => {
      peer.onRequest = (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.flushHeaders();
        resolve(response);
      };
    });
    const { request, response } = open(t, port, `${root}/events`);
    request.end();
    const reply = await response;
    t.match(reply.headers, { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    const stream = await asked;
    for (const text of ['data: 1\n\n', 'data: 2\n\n']) {
      stream.write(text);
      const [piece] = (await once(reply, 'data')) as [Buffer];
      t.equal(piece.toString(), text);
    }
    const closed = once(stream, 'close');
    request.destroy();
    await closed;
    t.pass('the compositor knows that nobody listens');
  },
);

t.test(
  'a caller who leaves before the answer, or in the middle of a body, ends the request there',
  async (t) => {
    const { peer, port, root } = await wall(t);
    for (const body of [undefined, 'half of it']) {
      const asked = new Promise<IncomingMessage>((resolve) => {
        peer.onRequest = (request) => resolve(request);
      });
      const { request } = open(t, port, `${root}/slow`, {
        method: 'POST',
        headers: { 'content-length': body === undefined ? '0' : '1000' },
      });
      if (body === undefined) request.end();
      else request.write(body);
      const there = await asked;
      const closed = new Promise((resolve) => there.socket.once('close', resolve));
      there.on('error', () => undefined);
      there.resume();
      request.destroy();
      await closed;
      t.equal(there.readableEnded, body === undefined, 'half a body does not look like a whole one');
    }
  },
);

t.test('what a compositor does not read is not read from the caller either', async (t) => {
  const { peer, port, root } = await wall(t);
  const asked = new Promise<{ request: IncomingMessage; response: ServerResponse }>((resolve) => {
    peer.onRequest = (request, response) => resolve({ request, response });
  });
  const size = 64 * 2 ** 20;
  const piece = Buffer.alloc(64 * 1024, 'x');
  const { request, response } = open(t, port, `${root}/upload`, {
    method: 'PUT',
    headers: { 'content-length': String(size) },
  });
  let taken = 0;
  const pour = () => {
    while (taken < size && request.write(piece, () => undefined)) taken += piece.length;
  };
  // What `write` refused is held there, and was not counted.
  request.on('drain', () => {
    taken += piece.length;
    pour();
  });
  pour();
  const there = await asked;
  // Nothing announces that nothing moves any more; were it to move later, the bound below would still hold.
  for (let before = -1; before !== taken;) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  t.ok(taken < 32 * 2 ** 20, `${taken / 2 ** 20} MiB are on their way`);
  let arrived = 0;
  there.request.on('data', (data: Buffer) => (arrived += data.length));
  there.request.on('end', () => there.response.end('thanks'));
  request.on('drain', () => taken >= size && request.end());
  const reply = await response;
  t.equal(reply.statusCode, 200);
  t.equal(arrived, size);
});

t.test('what a caller does not read is not read from the compositor either', async (t) => {
  const { peer, port, root } = await wall(t);
  peer.mischief = 'endless';
  const { request, response } = open(t, port, `${root}/endless`);
  request.end();
  const reply = await response;
  reply.pause();
  for (let before = -1; before !== peer.sent;) {
    before = peer.sent;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  t.ok(peer.sent < 32 * 2 ** 20, `${peer.sent / 2 ** 20} MiB are on their way`);
  request.destroy();
  await peer.until(() => peer.open === 0);
});

t.test('an answer that comes before the body was read reaches the caller whole', async (t) => {
  const { peer, port, root } = await wall(t);
  // So large that its end is still on the way when the compositor has nothing more to do with the request.
  const why = Buffer.alloc(4 * 2 ** 20, 'too much ');
  peer.onRequest = (_request, response) => response.writeHead(413).end(why);
  const { request, response } = open(t, port, `${root}/upload`, {
    method: 'POST',
    headers: { 'content-length': String(2 ** 20) },
  });
  request.write(Buffer.alloc(2 ** 19));
  const reply = await response;
  t.match(reply, { statusCode: 413, headers: { via: '1.1 compositord' } });
  const pieces: Buffer[] = [];
  for await (const piece of reply) pieces.push(piece as Buffer);
  t.ok(Buffer.concat(pieces).equals(why));
});
