import t, { type Test } from 'tap';
import { NameServer } from '../../src/adapters/connectors/name-server.ts';
import { Resolver } from '../../src/adapters/connectors/resolver.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { build } from '../support/build.ts';
import { nameServer } from '../support/name-server.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { eventually } from './eventually.ts';

// FAILURES 32. What went wrong: names were resolved one at a time. One caller registered 30 names whose name server is silent,
// and an honest new compositor was connected after minutes, also after each restart.

const SILENT = 30;

t.test('30 names of a silent name server hold up nobody, also after a restart', async (t) => {
  const { servers, silences } = await nameServer(t, (name) =>
    name.startsWith('slow') ? 'silent' : '127.0.0.1',
  );
  const peer = await HttpPeer.start(t);
  const store = `file:${t.testdir()}`;

  const first = await daemon(t, store, servers);
  for (let i = 0; i < SILENT; i++) await first.register(`slow-${i}`, peer.port);
  await eventually(() => silences() >= SILENT, 'the name server was asked for all of them');
  await first.register('good-1', peer.port);
  await first.connected('good-1');
  t.pass('an honest one is connected meanwhile');
  await first.close();

  const again = await daemon(t, store, servers);
  await again.connected('good-1');
  await again.register('good-2', peer.port);
  await again.connected('good-2');
  t.pass('and after a restart an old one and a new one');
});

async function daemon(t: Test, store: string, servers: string[]) {
  const names = new NameServer({ servers, hostsFile: '/nowhere', resolvFile: '/nowhere' });
  // As the system does with a silent name server: it waits for twice five seconds.
  const late = (name: string) =>
    new Promise<never>((_resolve, reject) =>
      setTimeout(() => reject(new Error(`EAI_AGAIN ${name}`)), 10_000).unref(),
    );
  const { resolve } = new Resolver({
    clock: new SystemClock(),
    query: (name) => names.resolve(name),
    ask: late,
  });
  const { app, inject } = await build(t, { resolve, settings: { store, connect: { interval: 0.5 } } });
  return {
    close: () => app.close(),
    register: (id: string, port: number) =>
      inject({
        method: 'PUT',
        url: `/compositors/${id}`,
        payload: { name: id, protocol: 'http', address: `${id}.example`, port, ttl: 3600 },
      }),
    connected: (id: string) =>
      eventually(
        async () => (await inject(`/compositors/${id}/health`)).json.state === 'connected',
        `${id} is connected`,
      ),
  };
}
