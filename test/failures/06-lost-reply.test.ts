// FAILURES 6. Lost reply, applied write: a proxy takes the reply of one publish away and kills the socket. The client sends
// it again; the revision must rise by exactly 1, readers see one event, and the caller gets that cursor.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { build } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { onBothStores } from './both-stores.ts';
import { HttpPublisher } from './publisher.ts';

onBothStores('what was done and not answered is done once', {}, async (t, on) => {
  const { app, config } = await build(t, { settings: on });
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall', { instance: 'boot-1' });
  const reader = new ConformanceClient({ url });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.untilCursor(wall.cursor);

  const proxy = createServer((client) => {
    const upstream = connect(config.settings.listen.port, '127.0.0.1');
    client.pipe(upstream);
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
    upstream.once('data', () => {
      client.resetAndDestroy();
      upstream.destroy();
    });
  });
  proxy.listen(await freePort(), '127.0.0.1');
  await once(proxy, 'listening');
  t.teardown(() => proxy.close());
  const lossy = `http://127.0.0.1:${(proxy.address() as { port: number }).port}`;

  const timestamp = Math.floor(Date.now() / 1000);
  const writes: [string, string, object | undefined][] = [
    ['PATCH', 'wall/tiles', { '0,0': { brick: 'a', timestamp }, '1,0': { brick: 'b', timestamp } }],
    // No timestamp: the time of the first attempt stays.
    ['PATCH', 'wall/tiles', { '2,0': { brick: 'c' }, '1,0': null }],
    ['PUT', 'wall/tiles', { '5,5': { brick: 'all there is' } }],
    ['PATCH', 'wall', { name: 'The Wall', labels: { room: 'lobby' } }],
    ['PUT', 'other', { name: 'Other', instance: 'boot-2' }],
  ];
  for (const [method, path, body] of writes) {
    const what = `${method} ${path}`;
    const before = parseInt(app.replica.copy.head);
    const { patches } = reader.counts;
    await t.rejects(send(method, `${lossy}/compositors/${path}`, body), what);
    const again = await send(method, `${url}/compositors/${path}`, body);
    t.ok([200, 201].includes(again.status), what);
    t.equal(parseInt(again.body.cursor), before + 1, `${what}: one revision`);
    t.equal(again.body.cursor, app.replica.copy.head, `${what}: the caller knows where it is`);
    t.equal(again.body.changed, 0, `${what}: the second attempt changed nothing`);
    await reader.untilCursor(again.body.cursor);
    t.equal(reader.counts.patches, patches + 1, `${what}: one event`);
  }
  await t.rejects(send('DELETE', `${lossy}/compositors/other`));
  const before = app.replica.copy.head;
  t.equal((await send('DELETE', `${url}/compositors/other`)).status, 404, 'it has gone already');
  t.equal(app.replica.copy.head, before);
  t.strictSame(reader.copy.violations, []);
});
