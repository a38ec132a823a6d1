// `watch` said "lost, connecting again" whatever was wrong, five times a second: without a token, at a web page, at nothing.
import { createServer as createTcpServer } from 'node:net';
import { createServer, type RequestListener } from 'node:http';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import t, { type Test } from 'tap';
import { commandLine } from '../../src/commands/command-line.ts';
import { failureText, lastingProblem } from '../../src/commands/watch/failure-text.ts';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { FakeTerminal } from './fake-terminal.ts';

async function listening(t: Test, server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function serve(t: Test, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  t.teardown(() => server.closeAllConnections());
  return `http://${await listening(t, server)}`;
}

async function watch(url: string, ...more: string[]) {
  const terminal = new FakeTerminal();
  const code = await commandLine(['watch', '--url', url, ...more], terminal);
  return { code, out: terminal.out, err: terminal.err };
}

t.test('a token that is missing, wrong, or of another scope ends it with 1', async (t) => {
  const hash = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
  const auth = JSON.stringify([{ name: 'writer', hash: hash('w'.repeat(43)), scopes: ['write'] }]);
  const { url } = await startDaemon(t, { env: { COMPOSITORD_AUTH: auth } });
  const missing = await watch(url);
  t.match(missing, { code: 1, out: '' });
  t.match(
    missing.err,
    /^compositord watch: the answer was 401 unauthorized: .*; give a token with the scope read, in --token or COMPOSITORD_TOKEN\n$/,
  );
  t.match(await watch(url, '--token', 'x'.repeat(43)), { code: 1, err: /the answer was 401 unauthorized/ });
  t.match(await watch(url, '--token', 'w'.repeat(43)), {
    code: 1,
    err: /the answer was 403 forbidden: .*scope/,
  });
});

t.test('what is no compositord ends it with 1, and says what it is', async (t) => {
  const answers: [RequestListener, RegExp][] = [
    [
      (_, reply) => reply.setHeader('content-type', 'text/html').end('<html>'),
      /is no compositord: the answer was 200 \(text\/html\)/,
    ],
    [
      (_, reply) => reply.setHeader('content-type', 'application/json').end('{"a":1}'),
      /the answer was 200 \(application\/json\)/,
    ],
    [
      (_, reply) => reply.writeHead(404).end(),
      /is no compositord: the answer was 404 \(without a content type\)/,
    ],
    [
      (_, reply) => reply.writeHead(301, { location: 'http://127.0.0.1:1/' }).end(),
      /is no compositord: the answer was 301/,
    ],
    [
      (_, reply) =>
        reply
          .writeHead(421, { 'content-type': 'application/problem+json' })
          .end('{"type":"/problems/host","detail":"no \\u001b[31m host"}'),
      /^compositord watch: the answer was 421 host: no \\x1b\[31m host\n$/,
    ],
  ];
  for (const [answer, expected] of answers) {
    const { code, out, err } = await watch(await serve(t, answer));
    t.match({ code, out }, { code: 1, out: '' });
    t.match(err, expected);
  }
  // Its body never ends: the head is enough.
  const endless = await serve(
    t,
    (_, reply) => void reply.writeHead(200, { 'content-type': 'text/html' }).write('<p>'),
  );
  t.match(await watch(endless), { code: 1, err: /200 \(text\/html\)/ });
  const redis = createTcpServer((socket) => socket.on('data', () => socket.end('-ERR unknown command\r\n')));
  t.match(await watch(`http://${await listening(t, redis)}`), {
    code: 1,
    err: /is no compositord: it does not speak HTTP/,
  });
  const plain = await serve(t, (_, reply) => reply.end());
  t.match(await watch(plain.replace('http', 'https')), {
    code: 1,
    err: /is no compositord: it does not speak TLS/,
  });
});

t.test('what may pass is tried again, and said with the next attempt', async (t) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const plain = new FakeTerminal();
  const screen = new FakeTerminal({ size: { columns: 40, rows: 20 } });
  const codes = [plain, screen].map((terminal) => commandLine(['watch', '--url', url], terminal));
  await plain.until('- stream lost: connection refused; next attempt in 1 s\n');
  await plain.until('- stream lost: connection refused; next attempt in 2 s\n');
  await screen.until('lost: connection refused; next attempt i\x1b[K\r\nn ');
  await startDaemon(t, { port });
  for (const terminal of [plain, screen]) await terminal.until('connected');
  for (const terminal of [plain, screen]) await terminal.interrupt();
  t.same(await Promise.all(codes), [0, 0]);
});

t.test('a proxy whose daemon is away is no other server', async (t) => {
  let requests = 0;
  const url = await serve(t, (_, reply) => {
    requests += 1;
    if (requests === 1)
      return reply
        .writeHead(503, { 'content-type': 'application/problem+json' })
        .end('{"type":"/problems/store-unavailable"}');
    if (requests === 3) return reply.writeHead(404, { 'content-type': 'text/html' }).end('<html>');
    if (requests === 4) return reply.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' });
    reply.write(':\n\n');
    const data = { reason: 'initial', compositors: {}, tiles: {}, time: '2026-01-01T00:00:00.000Z' };
    reply.write(`id: ${requests}-00000000\nevent: snapshot\ndata: ${JSON.stringify(data)}\n\n`);
    // A cut.
    if (requests < 5) setImmediate(() => reply.destroy());
    return undefined;
  });
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', url], terminal);
  for (const text of [
    'lost: the answer was 503 store-unavailable; next attempt',
    'stream connected',
    'lost: the stream was cut; next attempt',
    'lost: the answer was 404 (text/html); next attempt',
    'lost: the answer was 200 (text/html); next attempt',
    'snapshot',
  ])
    await terminal.until(text);
  // What breaks the protocol is said, too, once.
  await terminal.until('stream problem="');
  await terminal.interrupt();
  t.equal(await code, 0);
});

t.test('with --count it is done or it is not', async (t) => {
  const { url } = await startDaemon(t);
  const terminal = new FakeTerminal();
  const code = commandLine(['watch', '--url', url, '--count', '9'], terminal);
  await terminal.until('snapshot');
  await terminal.interrupt();
  t.equal(await code, 130);
});

t.test('failures in words', async (t) => {
  const unreachable = (code: string, message = code) => ({
    kind: 'unreachable' as const,
    error: Object.assign(new Error(message), { code }),
  });
  t.equal(failureText(unreachable('ENOTFOUND')), 'there is no such host');
  t.equal(failureText(unreachable('EWEIRD', 'odd\x1b')), 'odd\\x1b');
  t.equal(failureText({ kind: 'silent' }), 'nothing was heard for 30 s');
  t.equal(failureText({ kind: 'ended', ending: 'garbled' }), 'the stream cannot be read');
  const untrusted = unreachable('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate');
  t.equal(
    lastingProblem(untrusted, 'https://h', false),
    'the certificate of https://h is not trusted: self-signed certificate',
  );
  t.equal(lastingProblem(untrusted, 'https://h', true), undefined);
  t.equal(lastingProblem(unreachable('ECONNREFUSED'), 'http://h', false), undefined);
});
