// Failure 24, the half that is no attack: each way to be a bad compositor ends in a clear state in its health, and disturbs nobody.
import t, { type Test } from 'tap';
import { build, type Built } from '../support/build.ts';
import { freePort } from '../support/free-port.ts';
import { HttpPeer, type HttpMischief } from '../support/peers/http-peer.ts';
import { WsPeer, type WsMischief } from '../support/peers/ws-peer.ts';
import { eventually } from './eventually.ts';

const QUICK = { connect: { interval: 0.2, timeout: 2, failures: 2 } };
/** Milliseconds; eight suites may run beside this one. */
const CEILING = 40_000;

async function register({ inject }: Built, id: string, target: object): Promise<void> {
  const payload = { name: id, ttl: 3600, ...target, id: undefined };
  const { status } = await inject({ method: 'PUT', url: `/compositors/${id}`, payload });
  if (status !== 201) throw new Error(`${id}: ${status}`);
}

const healthOf = async ({ inject }: Built, id: string) => (await inject(`/compositors/${id}/health`)).json;

async function isWell(daemon: Built, id: string): Promise<void> {
  await eventually(
    async () => (await healthOf(daemon, id)).state === 'connected',
    `${id} is connected`,
    CEILING,
  );
}

const HTTP: [HttpMischief, RegExp][] = [
  ['silent', /: no (answer|pong) (in time|within 2 s)$/],
  ['drip', /: no (answer|pong) (in time|within 2 s)$/],
  ['endless', /: its answer is larger than 1048576 bytes$/],
  ['redirect', /: GET \/health answered 302: redirects are not followed$/],
  ['cut', /: it (ended|cut) the connection/],
  ['huge-head', /: the head of its answer is larger than 16 KiB$/],
  ['not-http', /: its answer is not HTTP$/],
];

const WS: [WsMischief, RegExp][] = [
  ['no-handshake', /: no (answer|pong) (in time|within 2 s)$/],
  ['silent', /: no (answer|pong) (in time|within 2 s)$/],
  ['no-upgrade', /: it answered with 404, and no WebSocket$/],
  ['redirect', /: it answered with 302: redirects are not followed$/],
  ['not-http', /: its answer is not HTTP$/],
];

/** Everyone bad at once; resolves to what the health of each must tell. */
async function everyoneBad(t: Test, daemon: Built): Promise<Map<string, RegExp>> {
  const bad = new Map<string, RegExp>();
  const add = async (id: string, target: object, error: RegExp) => {
    await register(daemon, id, target);
    bad.set(id, error);
  };
  for (const [mischief, error] of HTTP) {
    const peer = await HttpPeer.start(t);
    peer.mischief = mischief;
    await add(`http-${mischief}`, peer.target, error);
  }
  for (const [mischief, error] of WS) {
    const peer = await WsPeer.start(t);
    peer.mischief = mischief;
    await add(`ws-${mischief}`, peer.target, error);
  }
  const unwell = await HttpPeer.start(t);
  unwell.health = 503;
  await add('http-unwell', unwell.target, /: GET \/health answered 503$/);
  await add('http-as-ws', { ...unwell.target, protocol: 'ws' }, /: it answered with 404, and no WebSocket$/);
  await add('http-as-https', { ...unwell.target, protocol: 'https' }, /: it does not speak TLS$/);
  await add('nobody', { ...unwell.target, port: await freePort() }, /: nothing listens there$/);
  const metadata = { protocol: 'http', address: '169.254.169.254', port: 80 };
  await add('metadata', metadata, /: "169\.254\.169\.254" is never allowed$/);
  await add('private', { ...metadata, address: '10.0.0.7' }, /: "10\.0\.0\.7" is private/);
  const { port } = daemon.config.settings.listen;
  await add(
    'itself',
    { protocol: 'http', address: '127.0.0.1', port },
    /is this daemon itself at that port$/,
  );
  await add('no-host', { ...metadata, address: 'a/b@c' }, /: its address is neither a host name nor/);
  return bad;
}

t.test('each has a clear state, and the good ones go on', async (t) => {
  const daemon = await build(t, { settings: QUICK });
  await daemon.app.listen();
  const goodHttp = await HttpPeer.start(t);
  const goodWs = await WsPeer.start(t);
  await register(daemon, 'good-http', goodHttp.target);
  await register(daemon, 'good-ws', goodWs.target);
  await isWell(daemon, 'good-http');
  await isWell(daemon, 'good-ws');
  const bad = await everyoneBad(t, daemon);
  for (const [id, error] of bad) {
    await eventually(
      async () => (await healthOf(daemon, id)).state === 'disconnected',
      `${id} is disconnected`,
      CEILING,
    );
    const { lastError, failures } = await healthOf(daemon, id);
    t.match(lastError, error, id);
    t.ok(failures >= 2, id);
    const status = async () => (await daemon.inject(`/compositors/${id}`)).json.status as string;
    await eventually(async () => (await status()) === 'disconnected', `${id} is shown so`, CEILING);
  }
  for (const id of ['good-http', 'good-ws']) t.equal((await healthOf(daemon, id)).state, 'connected', id);
  goodWs.say({ type: 'tile_update', x: 1, y: 1, brick: 'fine' });
  const tile = async () => (await daemon.inject('/manifest/tiles')).json['1,1']?.brick as unknown;
  await eventually(async () => (await tile()) === 'fine', 'the tile of the good one', CEILING);
});

t.test('one that turns bad is noticed, and well again when it is', async (t) => {
  const daemon = await build(t, { settings: QUICK });
  const http = await HttpPeer.start(t);
  const ws = await WsPeer.start(t);
  await register(daemon, 'http', http.target);
  await register(daemon, 'ws', ws.target);
  for (const id of ['http', 'ws']) await isWell(daemon, id);
  http.mischief = 'garbage';
  ws.mischief = 'silent';
  await eventually(
    async () => (await healthOf(daemon, 'ws')).state === 'disconnected',
    'ws is disconnected',
    CEILING,
  );
  t.equal((await healthOf(daemon, 'http')).state, 'connected', 'healthy is what answers 2xx');
  ws.mischief = undefined;
  await isWell(daemon, 'ws');
});

t.test(
  'a frame of 100 MB, an end in the middle of a message, garbage: told, and connected again',
  async (t) => {
    const daemon = await build(t, { settings: QUICK });
    const peer = await WsPeer.start(t);
    await register(daemon, 'ws', peer.target);
    await isWell(daemon, 'ws');
    const frame = Buffer.from([0x81, 127, 0, 0, 0, 0, 0x05, 0xf5, 0xe1, 0x00]);
    const deeds: [() => void, RegExp][] = [
      [() => peer.bytes.write(frame), /larger than 1048576 bytes/],
      [() => peer.bytes.end(Buffer.from([0x81, 100, 0x7b])), /ended the connection/],
      [() => peer.bytes.write(Buffer.from([0x8f, 0])), /broke the WebSocket protocol/],
    ];
    for (const [deed, error] of deeds) {
      await peer.until(() => peer.sockets.size > 0);
      const { connections } = peer;
      deed();
      await eventually(
        async () => error.test((await healthOf(daemon, 'ws')).lastError ?? ''),
        String(error),
        CEILING,
      );
      await peer.until(() => peer.connections > connections);
    }
    await isWell(daemon, 'ws');
  },
);

t.test('a flood ends in the right tiles; what is another’s stays, and says so', async (t) => {
  const daemon = await build(t, { settings: QUICK });
  const peer = await WsPeer.start(t);
  const old = { brick: 'theirs', timestamp: Math.floor(Date.now() / 1000) };
  await register(daemon, 'owner', {});
  await daemon.inject({ method: 'PATCH', url: '/compositors/owner/tiles', payload: { '0,-1': old } });
  await register(daemon, 'ws', peer.target);
  await isWell(daemon, 'ws');
  const head = async () => (await daemon.inject('/manifest')).json.revision as number;
  const before = await head();
  const began = performance.now();
  for (let i = 0; i < 50_000; i++) {
    peer.say({ type: 'tile_update', x: i % 400, y: 0, brick: `b${i}` });
    if (i % 100 === 0)
      peer.say({ type: 'tile_update', x: 0, y: -1, brick: 'mine', timestamp: old.timestamp - 1 });
  }
  const tiles = async () =>
    (await daemon.inject('/manifest/tiles')).json as Record<string, { brick: string }>;
  await eventually(async () => (await tiles())['399,0']?.brick === 'b49999', 'the last tile', CEILING);
  const seconds = (performance.now() - began) / 1000;
  const after = await tiles();
  for (let x = 0; x < 400; x++) t.equal(after[`${x},0`]?.brick, `b${49_600 + x}`);
  t.equal(after['0,-1']?.brick, 'theirs');
  t.ok((await head()) - before <= 10 + 50 * seconds, `${(await head()) - before} commits in ${seconds} s`);
  const health = await healthOf(daemon, 'ws');
  t.match(health, { state: 'connected', lastError: /1 tiles refused, such as \/0,-1: belongs to owner/ });
  t.equal((await daemon.inject('/compositors/ws')).json.status, 'connected');
});
