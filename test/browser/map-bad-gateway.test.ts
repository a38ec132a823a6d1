import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import t, { type Test } from 'tap';
import { startBrowser } from '../support/browser.ts';
import { startDaemon } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { openMap } from './map-page.ts';
import { isMarked, isThere, mark, NETWORK, write } from './one-brick.ts';

const browser = (await startBrowser(t)).context.browser()!;

t.test('a time in which the proxy answers 502', async (t) => {
  const daemon = await startDaemon(t);
  const proxy = await startProxy(t, daemon.port);
  await write(daemon.url, 'before.png');
  const map = await openMap(t, browser, proxy.url, { hash: '#0,0,40', allow: NETWORK });
  await isThere(map, 'before.png');
  await mark(map);
  proxy.fail();
  await map.until('sight of the trouble', ({ state }) => state !== 'live');
  await proxy.refused(2);
  await write(daemon.url, 'meanwhile.png');
  proxy.heal();
  await isThere(map, 'meanwhile.png');
  await map.until('live map', ({ state }) => state === 'live');
  t.ok(await isMarked(map), 'the page was not loaded again');
});

interface Proxy {
  readonly url: string;
  /** From now on it ends what is open, and answers 502. */
  fail(): void;
  heal(): void;
  /** Resolves when so many streams were refused. */
  refused(count: number): Promise<void>;
}

async function startProxy(t: Test, target: number): Promise<Proxy> {
  let failing = false;
  let count = 0;
  const server: Server = createServer((incoming, reply) => {
    if (failing) {
      if (incoming.url!.startsWith('/manifest/stream')) {
        count += 1;
        server.emit('refused');
      }
      reply.writeHead(502).end('Bad Gateway');
      return;
    }
    const { method, url: path, headers } = incoming;
    const outgoing = request({ host: '127.0.0.1', port: target, method, path, headers }, (answer) => {
      reply.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(reply);
    });
    outgoing.on('error', () => reply.destroy());
    reply.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  const port = await freePort();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${port}`,
    fail: () => {
      failing = true;
      server.closeAllConnections();
    },
    heal: () => (failing = false),
    refused: async (wanted) => {
      while (count < wanted) await once(server, 'refused', { signal: AbortSignal.timeout(40_000) });
    },
  };
}
