// libp2p needs Node 22: what holds its connector is in libp2p-node-22.ts, and its results count as this file's own.
import t from 'tap';
import { link, soon } from '../contract/connector-world.ts';
import { node22 } from '../support/node-22.ts';

const suite = 'dist-test/adapters/libp2p-node-22.js';

t.test('on a Node that can', async (t) => {
  await t.spawn(node22(), [suite], { stdio: ['ignore', 'pipe', 2] }, suite);
});

t.test('on a Node that cannot, it says so', async (t) => {
  // What Node 20 lacks, a newer one is made to lack.
  const own = Object.getOwnPropertyDescriptor(Promise, 'withResolvers');
  if (own) {
    Reflect.deleteProperty(Promise, 'withResolvers');
    t.teardown(() => Object.defineProperty(Promise, 'withResolvers', own));
  }
  const { connector } = link(t, { id: 'a', protocol: 'libp2p', address: '/ip4/127.0.0.1/tcp/1' });
  const error = await connector.connect(soon()).catch((error: unknown) => error);
  t.match(error, { kind: 'refused', message: 'libp2p needs Node 22 or newer' });
});
