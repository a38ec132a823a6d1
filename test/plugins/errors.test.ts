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
