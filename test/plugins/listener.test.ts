import { request } from 'node:http';
import t from 'tap';
import { Listener } from '../../src/plugins/listener.ts';
import { build } from '../support/build.ts';

const statusAt = (host: string, port: number, path: string) =>
  new Promise<number>((resolve, reject) => {
    request({ host, port, path, agent: false, headers: { host: `localhost:${port}` } }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0)).on('error', reject);
    })
      .on('error', reject)
      .end();
  });

// What went wrong: `localhost` is often two addresses. The second got an HTTP server of its own, which the end of the daemon did
// not know: a request under way there was cut off.
t.test('a request at the second address of localhost is finished at shutdown', async (t) => {
  let reached: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => (reached = resolve));
  const { app, inject } = await build(t, {
    register: (server) =>
      server.addHook('onRequest', (request, _reply, done) => {
        if (request.url.includes('wait=')) reached();
        done();
      }),
  });
  const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const listener = new Listener({
    server: app.server,
    log: { warn: (fields) => t.fail(JSON.stringify(fields)) },
    localhost: async () => hosts,
  });
  const url = await listener.listen({ host: 'localhost', port: 0, backlog: 4096 });
  const port = Number(new URL(url).port);
  t.equal(url, `http://localhost:${port}`);
  for (const host of hosts) t.equal(await statusAt(host, port, '/health/live'), 200, host);

  const { json } = await inject('/manifest');
  const waiting = statusAt('127.0.0.2', port, `/manifest/changes?since=${String(json.cursor)}&wait=30`);
  await underWay;
  listener.stopAccepting();
  await t.rejects(statusAt('127.0.0.2', port, '/health/live'), 'no new ones');
  await app.close();
  t.equal(await waiting, 200);
});

t.test('an address that cannot be had is named in the log, and the others serve', async (t) => {
  const { app } = await build(t);
  const warnings: object[] = [];
  const listener = new Listener({
    server: app.server,
    log: { warn: (fields) => void warnings.push(fields) },
    localhost: async () => ['127.0.0.1', '192.0.2.1'],
  });
  const url = await listener.listen({ host: 'localhost', port: 0, backlog: 4096 });
  const port = Number(new URL(url).port);
  t.equal(await statusAt('127.0.0.1', port, '/health/live'), 200);
  t.match(warnings, [{ host: '192.0.2.1', port }]);
});
