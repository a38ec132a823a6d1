import { once } from 'node:events';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import { build, type BuildOptions } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { rawRequest } from '../support/raw-request.ts';
import { tokenFor } from '../support/tokens.ts';
import { TileClient } from '../support/tile-client.ts';
import { writes } from '../support/world.ts';

async function listening(t: Test, settings: BuildOptions['settings'] = {}) {
  const built = await build(t, { settings });
  const url = await built.app.listen();
  await built.app.registry.register({ id: 'wall', name: 'Wall' }, 'claim');
  return { ...built, url, socket: `${url.replace('http', 'ws')}/manifest/socket` };
}

t.test('each visible change is one message, as todays InfiniteMap reads it', async (t) => {
  const { app, socket } = await listening(t);
  await app.publisher.patch('wall', writes({ '9,9': 'before' }));
  const all = await TileClient.open(t, socket);
  const part = await TileClient.open(t, `${socket}?view=0,-5,5,0`);
  await app.publisher.patch('wall', writes({ '3,-4': 'a.png', '7,7': 'b.png' }, 1_700_000_000.5));
  await app.publisher.patch('wall', writes({ '9,9': null, '7,7': null }));
  await app.publisher.patch('wall', writes({ '0,0': 'last' }));
  for (const client of [all, part]) await client.until(({ shown }) => '0,0' in shown, 'the last change');
  t.strictSame(part.messages[0], {
    type: 'tile_update',
    x: 3,
    y: -4,
    brick: 'a.png',
    timestamp: 1_700_000_000.5,
  });
  t.same(Object.keys(part.shown), ['3,-4', '0,0']);
  t.notOk('9,9' in all.shown, 'what was there before, and what was removed, is for the file to tell');
});

t.test('a request without an upgrade, or with one that is not allowed, gets an ordinary error', async (t) => {
  const { socket, url, inject } = await listening(t, { cors: { origins: ['https://map.example'] } });
  t.match(await inject('/manifest/socket'), {
    status: 400,
    json: { errors: [{ in: 'header', field: 'Upgrade' }] },
  });
  const refused = (target: string, options = {}) => TileClient.refusal(target, options);
  t.match(await refused(`${socket}?view=1,2`), { status: 400, body: /problems\/invalid-request/ });
  t.match(await refused(socket.replace('/socket', '/sockt')), { status: 404 });
  t.match(await refused(socket, { headers: { host: 'evil.example' } }), { status: 421 });
  t.match(await refused(socket, { origin: 'https://evil.example' }), { status: 403 });
  for (const origin of ['https://map.example', url]) await TileClient.open(t, socket, { origin });
});

// What went wrong: the WebSocket library refused these by itself, in HTML, on one line of its own.
t.test('a handshake that is none gets a problem', async (t) => {
  const { url } = await listening(t);
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const version = 'Sec-WebSocket-Version: 13';
  for (const [named, lines] of [
    [/Sec-WebSocket-Key/, [version]],
    [/Sec-WebSocket-Key/, [version, 'Sec-WebSocket-Key: short']],
    [/Sec-WebSocket-Version/, [key]],
    [/Sec-WebSocket-Version/, [key, 'Sec-WebSocket-Version: 99']],
    [/Sec-WebSocket-Protocol/, [key, version, 'Sec-WebSocket-Protocol: a, a']],
  ] as const) {
    const head = [
      'GET /manifest/socket HTTP/1.1',
      'Host: localhost',
      'Connection: Upgrade',
      'Upgrade: websocket',
    ];
    const answer = await rawRequest(url, `${[...head, ...lines].join('\r\n')}\r\n\r\n`);
    t.match(answer, /^HTTP\/1.1 400 [^]*application\/problem\+json[^]*problems\/invalid-request/);
    t.match(answer, named);
    if (lines.length === 1 && lines[0] === key)
      t.match(answer, /^sec-websocket-version: 13/im, 'which it speaks');
  }
});

t.test('without cors.origins every page may read', async (t) => {
  const { socket } = await listening(t);
  const { socket: open } = await TileClient.open(t, socket, { origin: 'https://any.example' });
  t.equal(open.readyState, open.OPEN);
});

t.test('it wants a token that may read, and ends with it, whether or not its client reads', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const hand = tokenFor('hand', ['write']);
  const entries = [eye.entry, hand.entry];
  const { app, socket } = await listening(t, { auth: entries, stream: { heartbeat: 300 } });
  t.match(await TileClient.refusal(socket), { status: 401 });
  t.match(await TileClient.refusal(socket, { headers: hand.headers }), { status: 403 });
  const reading = await TileClient.open(t, socket, { headers: eye.headers });
  const stalled = await TileClient.open(t, socket, { headers: eye.headers });
  stalled.socket.pause();
  const ended = once(reading.socket, 'close');
  app.tokens.replace({ auth: [hand.entry], anonymous: [] });
  t.equal((await ended)[0], 1008);
  t.equal(app.tileFeed.readers, 0);
});

t.test('heartbeats go both ways, and an answer is not answered', async (t) => {
  const { socket } = await listening(t, { stream: { heartbeat: 0.2 } });
  const client = await TileClient.open(t, socket);
  await client.until(() => client.of('heartbeat').length > 0, 'a heartbeat');
  t.match(client.of('heartbeat')[0], { timestamp: Number });

  const quiet = await listening(t, { stream: { heartbeat: 300 } });
  const asking = await TileClient.open(t, quiet.socket);
  asking.socket.on('message', () => asking.send({ type: 'heartbeat', timestamp: 1 }));
  asking.send({ type: 'heartbeat', timestamp: 1 });
  await asking.until(() => asking.of('heartbeat').length === 1, 'the answer');
  // An answer to the answer would come before what is published now.
  await quiet.app.publisher.patch('wall', writes({ '1,1': 'x' }));
  await asking.until(() => '1,1' in asking.shown, 'a tile');
  t.equal(asking.of('heartbeat').length, 1);
});

t.test('a client that breaks the protocol is cut off; one that sends nonsense is not', async (t) => {
  const { app, socket } = await listening(t);
  const nonsense = await TileClient.open(t, socket);
  for (const message of ['{', '[]', 'null', '{"type":4}', { type: 'tile_update', x: 'y' }])
    nonsense.send(message);
  nonsense.socket.send(Buffer.from([1, 2, 3]));
  const flood = await TileClient.open(t, socket);
  flood.send('x'.repeat(20_000));
  t.equal((await once(flood.socket, 'close'))[0], 1009);
  await app.publisher.patch('wall', writes({ '1,1': 'x' }));
  await nonsense.until(({ shown }) => '1,1' in shown, 'it still hears');
  t.equal(app.tileFeed.readers, 1);
});

t.test('a client that no longer answers pings is dropped, though its connection lives', async (t) => {
  const { app, socket } = await listening(t, { stream: { heartbeat: 0.2 } });
  const alive = await TileClient.open(t, socket);
  const vanished = await TileClient.open(t, socket, { autoPong: false });
  await once(vanished.socket, 'close');
  await alive.until(() => alive.of('heartbeat').length > 5, 'more heartbeats');
  t.equal(app.tileFeed.readers, 1);
});

t.test('sockets are closed with 1001 when the daemon ends', async (t) => {
  const { app, socket } = await listening(t);
  const client = await TileClient.open(t, socket);
  // It does not answer the close, and must not delay the end.
  const stalled = await TileClient.open(t, socket);
  stalled.socket.pause();
  const [[code]] = await Promise.all([once(client.socket, 'close'), app.close()]);
  t.equal(code, 1001);
});

t.test('the last of several sockets too many is sent away', async (t) => {
  const { socket } = await listening(t, { stream: { maxReaders: 1 } });
  await TileClient.open(t, socket);
  const second = await TileClient.open(t, socket);
  t.equal((await once(second.socket, 'close'))[0], 1013);
});

t.test('a second port, for clients that know no path', async (t) => {
  const port = await freePort();
  const { app } = await listening(t, { basePath: '/maps', legacySocket: { host: '127.0.0.1', port } });
  const client = await TileClient.open(t, `ws://127.0.0.1:${port}`);
  const part = await TileClient.open(t, `ws://127.0.0.1:${port}/any/path?view=5,5,6,6`);
  await app.publisher.patch('wall', writes({ '1,1': 'x', '5,6': 'y' }));
  await client.until(({ shown }) => shown['1,1'] === 'x' && shown['5,6'] === 'y', 'both tiles');
  await part.until(({ shown }) => shown['5,6'] === 'y', 'its tile');
  t.same(part.messages.length, 1);
  t.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 426);
  t.match(await TileClient.refusal(`ws://127.0.0.1:${port}`, { headers: { host: 'evil.example' } }), {
    status: 421,
  });
});

// A listener for upgrades takes every offer of one away from Node, and the request's body with it.
t.test('an upgrade to another protocol is ignored, and the request answered', async (t) => {
  const { config, inject } = await listening(t);
  const body = '{"1,1":{"brick":"x"}}';
  const socket = connect(config.settings.listen.port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  let received = '';
  socket.setEncoding('utf8').on('data', (text: string) => (received += text));
  const head = [
    'PATCH /compositors/wall/tiles HTTP/1.1',
    'Host: localhost',
    'Connection: Upgrade, HTTP2-Settings',
    'Upgrade: h2c',
    'HTTP2-Settings: AAMAAABkAAQBAAAAAAIAAAAA',
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  // In pieces, as it may come.
  socket.write(`${head.join('\r\n')}\r\n\r\n${body.slice(0, 5)}`);
  await new Promise((resolve) => setImmediate(resolve));
  socket.write(body.slice(5));
  while (!received.includes('\r\n\r\n')) await once(socket, 'data');
  t.match(received, /^HTTP\/1\.1 200 OK\r\n/);
  t.match((await inject('/manifest/tiles')).json, { '1,1': { brick: 'x' } });
  received = '';
  socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await once(socket, 'end');
  t.match(received, /^HTTP\/1\.1 200 OK\r\n/, 'and the connection goes on');
});

// What went wrong: Node keeps 1,000 headers, and the request was given back to it without the others. When the one that frames
// the body was among them, the body was taken for a second request.
t.test('an upgrade that nobody wants keeps its body, however many headers it has', async (t) => {
  const { config, inject } = await listening(t);
  const body = 'DELETE /compositors/wall HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const count of [10, 999, 1000, 1001, 2000, 2400])
    for (const last of [`Content-Length: ${body.length}`, 'Transfer-Encoding: chunked']) {
      const sent = last.startsWith('C') ? body : `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      const head = [
        'PATCH /compositors/wall/tiles HTTP/1.1',
        'Host: localhost',
        'Connection: Upgrade',
        'Upgrade: h2c',
      ];
      const text = `${[...head, ...Array<string>(count).fill('a:'), last].join('\r\n')}\r\n\r\n${sent}`;
      const end = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
      const answer = await rawRequest(`http://127.0.0.1:${config.settings.listen.port}`, text + end);
      const statuses = [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));
      t.strictSame(statuses, [415], `${count} headers, ${last}`);
    }
  t.match(await inject('/compositors/wall'), { status: 200 });
});

const OFFER = [
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
].join('\r\n');

/** A connection of its own, on which `text` was sent. */
function request(t: Test, port: number, text: string) {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  t.teardown(() => socket.destroy());
  socket.write(text);
  return socket;
}

// What went wrong: whatever offered an upgrade was taken from the HTTP server, which forgot it. A client that did not read its
// answer kept the daemon from closing, and so from releasing its claims; and a stream that had ended stayed registered.
t.test('an upgrade of a route that is not a WebSocket is ignored, and does not delay the end', async (t) => {
  const { app, config, log } = await listening(t, { shutdown: { grace: 4 } });
  const { port } = config.settings.listen;
  for (let y = 0; y < 4; y++) {
    const row = Array.from({ length: 9000 }, (_, x) => [`${x},${y}`, 'x'.repeat(200)] as const);
    await app.publisher.patch('wall', writes(Object.fromEntries(row)));
  }
  const stalled = request(t, port, `GET /manifest/tiles HTTP/1.1\r\n${OFFER}\r\n\r\n`);
  await once(stalled, 'readable');
  const stream = request(t, port, `GET /manifest/stream?view=0,0,1,1 HTTP/1.1\r\n${OFFER}\r\n\r\n`);
  await once(stream, 'data');
  await app.close();
  t.notOk(log.find(({ msg }) => msg === 'not everything was closed within the grace'));
  t.ok(log.find(({ msg }) => msg === 'stream ends'));
});

// What went wrong: an upgrade right behind a request that was not answered yet found the connection taken, and what was thrown
// then ended the process.
t.test('a client that offers an upgrade before its earlier request is answered is cut off', async (t) => {
  const { app, config, inject } = await listening(t);
  const before = 'GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n';
  // Node 24.9 and newer decline what no route wants: that is then an ordinary request, which waits for the one before it.
  const declines = 'shouldUpgradeCallback' in app.server.server;
  for (const path of ['/manifest/socket', ...(declines ? [] : ['/manifest/tiles'])]) {
    const text = `${before}GET ${path} HTTP/1.1\r\n${OFFER}\r\n\r\n`;
    await once(request(t, config.settings.listen.port, text).resume(), 'close');
  }
  t.equal((await inject('/health/live')).status, 200);
});
