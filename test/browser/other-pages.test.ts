import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import t, { type Test } from 'tap';
import { wall } from '../routes/proxied-wall.ts';
import { build } from '../support/build.ts';
import { startBrowser } from '../support/browser.ts';
import { send } from '../support/http-client.ts';
import { tokenFor } from '../support/tokens.ts';

/** Another service of this machine, with a page. */
async function otherService(t: Test, html: string) {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, reply) => {
    requests.push(request);
    reply.setHeader('content-type', 'text/html').end(html);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => server.close().closeAllConnections());
  return { port: (server.address() as AddressInfo).port, requests };
}

t.test('the page of another port of this host gets the cookie, and nothing by it', async (t) => {
  const boss = tokenFor('boss', ['admin']);
  const { app } = await build(t, { settings: { auth: [boss.entry] } });
  const url = await app.listen();
  await send('PUT', `${url}/compositors/wall`, { name: 'Wall', ttl: 3600 }, boss.headers);
  const browser = await startBrowser(t);
  const own = await browser.open(`${url}/problems/not-found`, { tolerant: true });
  const opens = (page: typeof own) =>
    page.evaluate(async (url) => {
      const ends = (target: EventTarget, good: string) =>
        new Promise((resolve) => {
          target.addEventListener(good, () => resolve('open'));
          target.addEventListener('error', () => resolve('refused'));
        });
      const socket = new WebSocket(`${url.replace('http', 'ws')}/manifest/socket`);
      const stream = new EventSource(`${url}/manifest/stream`, { withCredentials: true });
      const fetched = fetch(`${url}/manifest`, { credentials: 'include' }).then(
        (reply) => (reply.ok ? 'open' : 'refused'),
        () => 'refused',
      );
      return Promise.all([ends(socket, 'open'), ends(stream, 'synced'), fetched]);
    }, url);
  t.strictSame(await opens(own), ['refused', 'refused', 'refused'], 'before the session');
  await own.evaluate(
    async (token) =>
      fetch('/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      }).then(({ status }) => status),
    boss.token,
  );
  t.strictSame(await opens(own), ['open', 'open', 'open'], 'our own page');

  const other = await otherService(t, '<!doctype html><title>another</title>');
  const page = await browser.open(`http://127.0.0.1:${other.port}/`, { tolerant: true });
  t.strictSame(await opens(page), ['refused', 'refused', 'refused'], 'the page of another port');

  const leaked = /compositord=([^;]+)/.exec(other.requests[0]!.headers.cookie ?? '')?.[1];
  t.ok(leaked, 'the browser does send it there');
  t.notMatch(leaked, boss.token);
  for (const headers of [{ authorization: `Bearer ${leaked}` }, { cookie: `compositord=${leaked}` }]) {
    const removal = await send('DELETE', `${url}/compositors/wall`, undefined, headers);
    t.ok([401, 403].includes(removal.status), `${Object.keys(headers)[0]}: ${removal.status}`);
  }
  const [cookie] = await browser.context.cookies(url);
  t.match(cookie, { httpOnly: true, sameSite: 'Strict' });
  t.ok(cookie!.expires > Date.now() / 1000, 'it has an end');
});

t.test('a strange page reaches no compositor, over HTTP at a name of the network', async (t) => {
  const { port, peer } = await wall(t, { settings: { hosts: ['map.lan'] } });
  const reached: string[] = [];
  peer.onRequest = (request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.end('there');
  };
  const at = (name: string, by: string) => `http://${name}:${port}/compositors/wall/proxy/reboot?by=${by}`;
  const evil = await otherService(
    t,
    `<!doctype html><meta name=referrer content=no-referrer>
    <img src="${at('map.lan', 'image')}"><img src="${at('map.lan', 'image-with-referer')}" referrerpolicy=unsafe-url>
    <img src="${at('127.0.0.1', 'image-loopback')}"><iframe src="${at('map.lan', 'frame')}"></iframe>
    <link rel=stylesheet href="${at('map.lan', 'style')}"><script src="${at('map.lan', 'script')}"></script>
    <iframe name=target></iframe><form id=form target=target action="${at('map.lan', 'form')}"><input name=a></form>
    <script>
    form.submit(); form.method = 'post'; form.submit();
    fetch('${at('map.lan', 'fetch')}').catch(() => 0);
    fetch('${at('map.lan', 'no-cors')}', { mode: 'no-cors' }).catch(() => 0);
    navigator.sendBeacon('${at('map.lan', 'beacon')}', 'x');
    new EventSource('${at('map.lan', 'stream')}');
    </script>`,
  );
  const browser = await startBrowser(t, { hosts: ['map.lan', 'evil.example'] });
  const page = await browser.open(`http://evil.example:${evil.port}/`, { tolerant: true });
  await page.waitForLoadState('networkidle');
  t.strictSame(reached, []);

  const own = await browser.open(`http://map.lan:${port}/problems/not-found`, { tolerant: true });
  const path = '/compositors/wall/proxy/reboot?by=own';
  t.equal(await own.evaluate(async (path) => fetch(path).then(({ status }) => status), path), 200);
  t.strictSame(reached, ['GET /reboot?by=own'], 'our own page does');
});
