import t, { type Test } from 'tap';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openRedis } from '../../src/backend/redis-backend.ts';
import type { RedisAccess } from '../../src/domain/redis-access.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { Author } from '../contract/author.ts';
import { tilePatch } from '../contract/samples.ts';
import { eventually } from '../failures/eventually.ts';
import { makeAuthority } from '../support/authority.ts';
import { documentedUser } from '../support/acl-user.ts';
import { closeBackend } from '../support/close-backend.ts';
import { loud } from '../support/loud.ts';
import { startTlsRedis, type TlsServer } from '../support/redis-tls.ts';
import { headOf, startError } from '../support/store-start.ts';

const authority = makeAuthority(t.testdir());
const shows = authority.issue('node', { names: 'DNS:localhost,DNS:node.example' });
const client = { ca: authority.ca, ...authority.issue('client') };
const user = documentedUser('compositord', true);
const args = [
  ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '5000', '--tls-cluster', 'yes'],
  ...['--tls-replication', 'yes', '--user', ...user.rules],
];

/** Two nodes; the second has all slots. */
async function twoNodes(t: Test): Promise<[TlsServer, TlsServer]> {
  const node = () => startTlsRedis(t, authority, { shows, clients: 'yes', args });
  const [a, b] = [await node(), await node()];
  await b.client().call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
  await a.client().call('CLUSTER', 'MEET', '127.0.0.1', b.tlsPort, b.busPort);
  for (const node of [a, b])
    await eventually(
      async () => {
        const state = String(await node.client().call('CLUSTER', 'INFO'));
        return state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:2');
      },
      'the nodes have met',
      60_000,
    );
  return [a, b];
}

async function open(t: Test, port: number, access: RedisAccess, host = 'localhost') {
  const address = parseRedisAddress(`rediss+cluster://${user.login}${host}:${port}`);
  const backend = await openRedis({
    address,
    access,
    namespace: 'test',
    clock: new SystemClock(),
    log: loud,
  });
  t.teardown(() => closeBackend(backend));
  return backend;
}

t.test(
  'a cluster over TLS, with certificates of clients and a user that has the rights of docs/redis.md',
  async (t) => {
    const [a, b] = await twoNodes(t);
    // Nodes announce their addresses, which their certificates do not name.
    const { store, nodes } = await open(t, a.tlsPort, { ...client, serverName: 'node.example' });
    await (await Author.join(store)).write(tilePatch({ '0,0': 'a' }));
    t.equal(
      await b.client().xlen('{test}:log'),
      1,
      'the node that has the slot was found over the other one',
    );
    t.same(await a.client().call('ACL', 'LOG'), [], 'nothing was refused');
    for (const { port, tlsPort } of [a, b])
      for (const each of [port, tlsPort])
        await eventually(
          () => nodes.all.some((node) => node.port === each),
          'with TLS and without: no compositor is there',
          60_000,
        );

    t.match(await startError(() => open(t, a.tlsPort, client, '127.0.0.1')), {
      message: /its node 127\.0\.0\.1:\d+: its TLS is not accepted: .*redis\.serverName/,
    });
    t.match(await startError(() => open(t, a.tlsPort, { ca: client.ca, serverName: 'node.example' })), {
      message: /its node localhost:\d+: its TLS is not accepted: .*redis\.cert/,
    });

    for (const node of [a, b]) {
      const redis = node.client();
      await redis.config('SET', 'cluster-announce-hostname', 'localhost');
      await redis.config('SET', 'cluster-preferred-endpoint-type', 'hostname');
    }
    await eventually(
      async () => String(await a.client().call('CLUSTER', 'SLOTS')).includes('localhost'),
      'the nodes are known by their names',
      60_000,
    );
    const named = await open(t, a.tlsPort, client);
    t.equal(
      await headOf(named.store),
      await headOf(store),
      'the names that they announce are those of the certificates',
    );
  },
);
