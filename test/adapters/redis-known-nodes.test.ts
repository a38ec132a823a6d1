// What went wrong: only what the setting `store` names was refused as the address of a compositor. With sentinels that is not the
// server at all: a caller could send commands to the master, to its replicas, and to every other node of a cluster.
import t, { type Test } from 'tap';
import { nodesOfInfo, nodesOfSentinel, nodesOfShards } from '../../src/adapters/redis/named-nodes.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { openRedis } from '../../src/backend/redis-backend.ts';
import { parseRedisAddress } from '../../src/domain/store-address.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { startRedis } from '../support/redis-server.ts';
import { startSentinel } from '../support/redis-sentinel.ts';

/** The backend at `address`, and whether it knows that its store listens at a port of this machine. */
async function backendAt(t: Test, address: string) {
  const clock = new SystemClock();
  const log = { error: () => undefined };
  const backend = await openRedis({ address: parseRedisAddress(address), namespace: 'test', clock, log });
  t.teardown(async () => {
    backend.nodes.close();
    await backend.peerBus.close();
    await backend.claims.close();
    await backend.store.close();
  });
  const knows = (port: number) =>
    backend.nodes.all.some((node) => node.port === port && node.host === '127.0.0.1');
  return { backend, knows };
}

t.test(
  'a server and its replicas; one that comes later is known when the servers are asked again',
  async (t) => {
    const primary = await startRedis(t);
    const follow = ['--replicaof', '127.0.0.1', String(primary.port)];
    const isFollowed = (count: number) =>
      eventually(
        async () => (await primary.client().info('replication')).includes(`connected_slaves:${count}`),
        'the replicas follow',
      );
    const first = await startRedis(t, { args: follow });
    await isFollowed(1);
    const { backend, knows } = await backendAt(t, `redis://localhost:${primary.port}`);
    t.ok(knows(primary.port), 'by its address, though the setting has a name');
    t.ok(knows(first.port));
    const second = await startRedis(t, { args: follow });
    await isFollowed(2);
    t.notOk(knows(second.port));
    await backend.nodes.discover();
    t.ok(knows(second.port));
    await first.stop('SIGKILL');
    await backend.nodes.discover();
    t.ok(knows(first.port), 'what was one of them stays known');
  },
);

t.test('behind sentinels: the master, its replicas and the other sentinels', async (t) => {
  const primary = await startRedis(t);
  const replica = await startRedis(t, { args: ['--replicaof', '127.0.0.1', String(primary.port)] });
  const [one, two] = [await startSentinel(t, primary.port), await startSentinel(t, primary.port)];
  const says = async (what: string, port: number) =>
    String(await one.client().call('SENTINEL', what, 'mymaster')).includes(String(port));
  await eventually(
    async () => (await says('REPLICAS', replica.port)) && says('SENTINELS', two.port),
    'the sentinel knows the others',
  );
  const { knows } = await backendAt(t, `redis+sentinel://127.0.0.1:${one.port}/mymaster`);
  for (const { port } of [primary, replica, one, two]) t.ok(knows(port));
});

t.test(
  'the nodes of a cluster, whichever one the setting names; no compositor is at one of them',
  async (t) => {
    const args = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'];
    const [a, b] = [await startRedis(t, { args }), await startRedis(t, { args })];
    await a.client().call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383);
    await a.client().call('CLUSTER', 'MEET', '127.0.0.1', b.port, b.busPort);
    for (const node of [a, b])
      await eventually(async () => {
        const state = String(await node.client().call('CLUSTER', 'INFO'));
        return state.includes('cluster_state:ok') && state.includes('cluster_known_nodes:2');
      }, 'the nodes have met');
    const { app } = await build(t, {
      settings: { store: `redis+cluster://127.0.0.1:${a.port}`, connect: { allow: ['loopback'] } },
    });
    const url = await app.listen();
    for (const { port } of [a, b]) {
      const entry = { name: 'evil', protocol: 'http', address: 'localhost', port };
      t.match(await send('PUT', `${url}/compositors/evil`, entry), { status: /20[01]/ });
      const reply = await send('GET', `${url}/compositors/evil/proxy/pwn`);
      t.match(reply, { status: 409, body: { detail: /this daemon's own store/ } });
    }
  },
);

t.test('what servers say of others, in each form', (t) => {
  const server = { host: '10.0.0.1', port: 6380 };
  const info =
    'tcp_port:6379\r\nlistener0:name=tcp,bind=*,port=6379\r\nlistener1:name=tls,bind=*,port=6380\r\n';
  t.strictSame(
    nodesOfInfo(server, info).map(({ port }) => port),
    [6379, 6379, 6380],
    'TLS or not: it is one server',
  );
  t.strictSame(nodesOfInfo(server, 'role:slave\r\nmaster_host:10.0.0.2\r\nmaster_port:6379\r\n'), [
    { host: '10.0.0.2', port: 6379 },
  ]);
  t.strictSame(
    nodesOfInfo(undefined, 'tcp_port:1\r\nslave0:ip=fd00::3,port=6379,state=wait_bgsave,offset=0\r\n'),
    [{ host: 'fd00::3', port: 6379 }],
  );
  const shard = (node: unknown[]) => ['slots', [0, 16383], 'nodes', [node]];
  t.strictSame(
    nodesOfShards([
      shard([
        'id',
        'x',
        'port',
        6379,
        'tls-port',
        6380,
        'ip',
        '10.0.0.4',
        'endpoint',
        'n4',
        'hostname',
        'n4',
      ]),
      shard(['id', 'y', 'tls-port', 6380, 'ip', '', 'endpoint', '?']),
    ]).map(({ host, port }) => `${host}:${port}`),
    ['10.0.0.4:6379', 'n4:6379', '10.0.0.4:6380', 'n4:6380', ':6380'],
  );
  t.strictSame(nodesOfSentinel([['name', 'm', 'ip', '10.0.0.5', 'port', '26379']]), [
    { host: '10.0.0.5', port: 26379 },
  ]);
  for (const odd of [null, 'OK', [], [[]], [null], ['master'], [['nodes', 'x']], [['ip']]])
    for (const read of [nodesOfShards, nodesOfSentinel]) t.strictSame(read(odd), []);
  t.strictSame(nodesOfInfo(server, null), []);
  t.end();
});
