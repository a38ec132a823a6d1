import t from 'tap';
import { build } from '../support/build.ts';
import { rawRequest } from '../support/raw-request.ts';

t.test('on loopback only our own names and those listed are answered', async (t) => {
  const { inject, app } = await build(t, { settings: { hosts: ['studio.local'] } });
  const from = (host: string) => inject({ url: '/health', headers: { host } });
  for (const host of ['localhost', 'localhost:8760', '127.0.0.1:1', '[::1]', '[::1]:8760', 'Studio.Local:80'])
    t.match(await from(host), { status: 200 }, host);
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.', '[::2]', '10.0.0.7:8760'])
    t.match(await from(host), { status: 421, json: { type: '/problems/misdirected' } }, host);

  const url = await app.listen();
  const answer = await rawRequest(url, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n');
  t.match(answer, /^HTTP\/1.1 400 [^]*application\/problem\+json/, 'no Host at all');
  t.match(await rawRequest(url, 'GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /, 'a health check');
});

// What went wrong: the first of two Host headers counted, and that of an absolute target instead of its own host (RFC 9112, 3.2).
t.test('one Host, well-formed, and the host of an absolute target in its place', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const cases: [target: string, hosts: string[], status: number][] = [
    ['/health', ['localhost'], 200],
    ['/health', ['localhost', 'localhost'], 400],
    ['/health', ['localhost', 'evil.example'], 400],
    ['/health', ['evil.example', 'localhost'], 400],
    ['/health', [''], 421],
    ['/health', ['user@localhost'], 400],
    ['/health', ['localhost/x'], 400],
    ['/health', ['localhost evil'], 400],
    ['/health', ['[::1'], 400],
    ['/health', ['localhost:80a'], 400],
    ['http://localhost/health', ['evil.example'], 200],
    ['http://LOCALHOST:8760/health', ['localhost'], 200],
    ['HTTPS://[::1]:1/health?x', ['localhost'], 400],
    ['http://localhost?', ['localhost'], 200],
    ['http://evil.example/health', ['localhost'], 421],
    ['http://user@localhost/health', ['localhost'], 400],
    ['http:///health', ['localhost'], 421],
    ['http://localhost/nothing', ['localhost'], 404],
    ['http://localhost/health', ['localhost', 'localhost'], 400],
    ['http://localhost/health', [], 400],
  ];
  for (const [target, hosts, status] of cases) {
    const lines = hosts.map((host) => `Host: ${host}\r\n`).join('');
    const answer = await rawRequest(url, `GET ${target} HTTP/1.1\r\n${lines}Connection: close\r\n\r\n`);
    t.equal(Number(answer.slice(9, 12)), status, `${target} with ${hosts.join(' and ')}`);
  }
  const put =
    'PUT http://localhost/health HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
  t.match(
    await rawRequest(url, put),
    /^HTTP\/1.1 405 [^]*allow: GET, HEAD/i,
    'the methods of an absolute target',
  );
});

t.test('beyond loopback, too, a list of hosts is a list of all hosts', async (t) => {
  const { inject } = await build(t, {
    settings: { listen: { host: '0.0.0.0' }, auth: 'open', hosts: ['map.example'] },
  });
  const from = (host: string, url = '/health') => inject({ url, headers: { host } });
  for (const host of ['map.example', 'MAP.example:8760', 'localhost', '127.0.0.1:8760'])
    t.match(await from(host), { status: 200 }, host);
  for (const host of ['evil.example', '10.0.0.7:8760', 'map.example.evil.example'])
    t.match(await from(host), { status: 421 }, host);
  // Kubernetes probes a container by its address.
  t.match(await from('10.0.0.7:8760', '/health/live'), { status: 200 });
  t.match(await from('10.0.0.7:8760', '/health/ready'), { status: 200 });
});

t.test('without a list every name is answered, and HTTP/1.1 needs one', async (t) => {
  const { inject, app, config } = await build(t, {
    settings: { listen: { host: '0.0.0.0' }, auth: 'open' },
  });
  t.match(await inject({ url: '/health', headers: { host: 'map.example' } }), { status: 200 });
  await app.listen();
  const url = `http://127.0.0.1:${config.settings.listen.port}`;
  t.match(await rawRequest(url, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 400 /);
  t.match(await rawRequest(url, 'GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /);
});
