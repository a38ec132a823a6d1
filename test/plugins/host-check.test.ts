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
  t.match(answer, /^HTTP\/1.1 421 /, 'no Host at all');
  t.match(answer, /application\/problem\+json/);
});

t.test('elsewhere every name is answered, and HTTP/1.1 needs one', async (t) => {
  const { inject, app, config } = await build(t, {
    settings: { listen: { host: '0.0.0.0' }, auth: 'open' },
  });
  t.match(await inject({ url: '/health', headers: { host: 'map.example' } }), { status: 200 });
  await app.listen();
  const url = `http://127.0.0.1:${config.settings.listen.port}`;
  t.match(await rawRequest(url, 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n'), /^HTTP\/1.1 400 /);
  t.match(await rawRequest(url, 'GET /health HTTP/1.0\r\n\r\n'), /^HTTP\/1.1 200 /);
});
