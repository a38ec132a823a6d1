// FAILURES 24. A registration makes the daemon connect somewhere, and its proxy carry requests there. Neither reaches an address
// that it may not, by whatever spelling, redirect or change of a name; none of what a compositor answers is without bounds;
// and one bad compositor disturbs no other. (test/adapters and test/routes/proxy* try each part alone, the idle timeout too.)
import { once } from 'node:events';
import t, { type Test } from 'tap';
import { ask, open } from '../routes/raw-exchange.ts';
import { build, type BuildOptions } from '../support/build.ts';
import { HttpPeer, type HttpMischief } from '../support/peers/http-peer.ts';
import { eventually } from './eventually.ts';

const QUICK = { interval: 0.5, timeout: 1 };

async function daemon(t: Test, allow: string[], options: BuildOptions = {}) {
  const { app, inject, config } = await build(t, {
    ...options,
    settings: { connect: { ...QUICK, allow } },
  });
  await app.listen();
  const { port } = config.settings.listen;
  return {
    port,
    register: (id: string, place: object) =>
      inject({
        method: 'PUT',
        url: `/compositors/${id}`,
        payload: { name: id, ttl: 3600, protocol: 'http', ...place },
      }),
    /** Its health, once that has come to `state`. */
    turns: async (id: string, state: string) => {
      const health = async () => (await inject(`/compositors/${id}/health`)).json;
      await eventually(async () => (await health()).state === state, `${id} is ${state}`, 60_000);
      return health();
    },
    proxied: (id: string) => ask(t, port, `/compositors/${id}/proxy/health`),
  };
}

t.test('no spelling of a forbidden address is connected to', { timeout: 110_000 }, async (t) => {
  const trap = await HttpPeer.start(t);
  const { register, turns, proxied } = await daemon(t, ['public']);
  const addresses = [
    '127.0.0.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.1.',
    'localhost',
    'LOCALHOST.',
    '0.0.0.0',
    '0',
    '::1',
    '[::1]',
    '::ffff:127.0.0.1',
    '[::ffff:7f00:1]',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '169.254.169.254',
    '169.254.169.254.',
    '::ffff:a9fe:a9fe',
    'fd00:ec2::254',
    'fe80::1',
    '100.100.100.200',
    '224.0.0.1',
    '255.255.255.255',
    '10.0.0.1',
    `user@127.0.0.1`,
    `127.0.0.1#`,
    `127.0.0.1/`,
    `127.0.0.1:${trap.port}`,
  ];
  const registered: string[] = [];
  for (const [i, address] of addresses.entries())
    for (const protocol of ['http', 'ws']) {
      const id = `${protocol}-${i}`;
      const { status } = await register(id, { address, port: trap.port, protocol });
      t.ok(status === 201 || status === 400, `${address}: ${status}`);
      if (status === 201) registered.push(id);
    }
  t.ok(registered.length > addresses.length);
  for (const id of registered) {
    const health = await turns(id, 'disconnected');
    t.match(health.lastError, /./, id);
    if (id.startsWith('http')) t.match(await proxied(id), { status: /^(?:409|502)$/ }, id);
  }
  t.equal(trap.connections, 0, 'nobody came to what listens there');
});

t.test('a redirect is where it ends', async (t) => {
  const trap = await HttpPeer.start(t);
  const peer = await HttpPeer.start(t);
  peer.mischief = 'redirect';
  peer.redirectTo = `${trap.url}/latest/meta-data`;
  const { register, turns, proxied } = await daemon(t, ['loopback']);
  await register('wall', { address: '127.0.0.1', port: peer.port });
  const health = await turns('wall', 'disconnected');
  t.match(health.lastError, /302|redirect/);
  const reply = await proxied('wall');
  t.equal(reply.status, 302, 'handed on to whoever asked');
  t.equal(trap.connections, 0);
});

t.test('a name that changes between the check and the call changes nothing', async (t) => {
  const peer = await HttpPeer.start(t, { host: '127.0.0.2' });
  const trap = await HttpPeer.start(t, { port: peer.port });
  // As an attacker's name server answers: first what is allowed, then, and ever after in turn, what is not.
  let asked = 0;
  const resolve = async (name: string) => {
    t.equal(name, 'rebind.example');
    return [{ address: asked++ % 2 === 0 ? '127.0.0.2' : '127.0.0.1', family: 4 }];
  };
  const { register, turns, proxied } = await daemon(t, ['127.0.0.2'], { resolve });
  await register('wall', { address: 'rebind.example', port: peer.port });
  await turns('wall', 'connected');
  for (let i = 0; i < 10; i++) {
    const before = asked;
    const { status } = await proxied('wall');
    t.ok(status === 200 || status === 409, `${status} after ${asked - before} questions`);
  }
  peer.mischief = 'cut';
  await eventually(() => asked > 15, 'it was connected to again and again');
  t.equal(trap.connections, 0, 'the other one of the two was never called');
  t.ok(peer.connections > 0);
});

t.test('both of two addresses are looked at', async (t) => {
  const peer = await HttpPeer.start(t, { host: '127.0.0.2' });
  const trap = await HttpPeer.start(t, { port: peer.port });
  const both = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  const { register, turns } = await daemon(t, ['127.0.0.2'], { resolve: async () => both });
  await register('wall', { address: 'two.example', port: peer.port });
  await turns('wall', 'connected');
  peer.mischief = 'cut';
  await turns('wall', 'disconnected');
  t.equal(trap.connections, 0);
});

t.test(
  'answers without an end, without a beginning, and without sense stop nobody else',
  { timeout: 110_000 },
  async (t) => {
    const kinds: HttpMischief[] = ['endless', 'drip', 'silent', 'huge-head', 'not-http', 'cut', 'bomb'];
    const healthy = await HttpPeer.start(t);
    const bad = new Map<HttpMischief, HttpPeer>();
    const { register, turns, port } = await daemon(t, ['loopback']);
    for (const kind of kinds) {
      const peer = await HttpPeer.start(t);
      peer.mischief = kind;
      bad.set(kind, peer);
      for (let i = 0; i < 2; i++) await register(`${kind}-${i}`, { address: '127.0.0.1', port: peer.port });
    }
    await register('wall', { address: '127.0.0.1', port: healthy.port });
    await turns('wall', 'connected');
    const before = process.memoryUsage().rss;
    for (const kind of kinds) {
      // A small answer that would unpack to a large one is left packed: it is alive, and says nothing of itself.
      const health = await turns(`${kind}-0`, kind === 'bomb' ? 'connected' : 'disconnected');
      if (kind !== 'bomb') t.match(health.lastError, /^[^\n]+$/, `${kind}: ${health.lastError}`);
    }
    const probed = healthy.requests.length;
    await eventually(
      () => healthy.requests.length > probed + 10,
      'it is probed while they misbehave',
      60_000,
    );
    t.equal((await turns('wall', 'connected')).failures, 0);
    // Ten gigabytes would have come in this time, if somebody read them.
    const { sent } = bad.get('endless')!;
    t.ok(sent < 500 * 2 ** 20, `${Math.round(sent / 2 ** 20)} MiB were sent by the endless ones`);
    t.ok(process.memoryUsage().rss - before < 300 * 2 ** 20, 'and little of it stayed');

    const left = new Promise<number>((resolve) => {
      healthy.onRequest = (_request, response) => {
        let poured = 0;
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(64 * 1024))) poured += 64 * 1024;
        };
        response.on('drain', pour).once('close', () => resolve(poured));
        pour();
      };
    });
    const film = open(t, port, '/compositors/wall/proxy/film');
    film.request.end();
    await once(await film.response, 'data');
    film.request.destroy();
    t.ok((await left) < 500 * 2 ** 20, 'when its caller leaves, nothing more is fetched for it');
  },
);
