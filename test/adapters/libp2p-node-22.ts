// Run by libp2p-connector.test.ts, on a Node that has what libp2p needs.
import { createServer } from 'node:net';
import t, { type Test } from 'tap';
import { FRAME_LIMIT, frameOf } from '../../src/adapters/connectors/libp2p/length-prefix.ts';
import { Libp2pLink } from '../../src/adapters/connectors/libp2p/libp2p-link.ts';
import type { ConnectorError } from '../../src/domain/connector.ts';
import { connectorContract } from '../contract/connector.ts';
import { link, soon, type LinkOptions } from '../contract/connector-world.ts';
import { eventually } from '../failures/eventually.ts';
import { startDaemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { Libp2pPeer, type Libp2pPeerOptions } from '../support/peers/libp2p-peer.ts';

/** What a link said, and whoever waits for more of it. */
class Heard {
  readonly texts: string[] = [];
  readonly ends: ConnectorError[] = [];
  onFirst: () => void = () => undefined;
  #look: () => void = () => undefined;

  readonly onText = (text: string): void => {
    if (this.texts.push(text) === 1) this.onFirst();
    this.#look();
  };

  readonly onSent = (): void => undefined;

  readonly onEnd = (error: ConnectorError): void => {
    this.ends.push(error);
    this.#look();
  };

  async until(so: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#look = () => so() && resolve();
      this.#look();
    });
  }
}

async function openLink(
  t: Test,
  options: { addresses: string[]; peer?: string; signal?: AbortSignal },
): Promise<{ link: Libp2pLink; heard: Heard }> {
  const heard = new Heard();
  const { signal = AbortSignal.timeout(20_000), ...rest } = options;
  const link = await Libp2pLink.dial(rest, signal);
  link.start(heard);
  t.teardown(() => link.close());
  return { link, heard };
}

/** A server for raw bytes that is gone with the test. */
async function rawServer(
  t: Test,
  first: string,
  onConnection: () => void = () => undefined,
): Promise<string> {
  const server = createServer((socket) => {
    onConnection();
    socket.on('error', () => undefined);
    if (first.length > 0) socket.write(first);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  return `/ip4/127.0.0.1/tcp/${(server.address() as { port: number }).port}`;
}

/** A peer that says nothing by itself. */
async function quietPeer(t: Test, options: Libp2pPeerOptions = {}): Promise<Libp2pPeer> {
  const peer = await Libp2pPeer.start(t, options);
  peer.info = undefined;
  return peer;
}

t.test('messages both ways, in order, however large', async (t) => {
  const peer = await quietPeer(t);
  peer.onText = (text) => peer.say({ echo: text });
  const { link, heard } = await openLink(t, { addresses: [peer.place] });
  const sent = ['a', 'é 漢', 'x'.repeat(900_000), ...Array.from({ length: 200 }, (_, i) => `${i}`)];
  for (const text of sent) link.send(text);
  await heard.until(() => heard.texts.length === sent.length);
  t.strictSame(
    heard.texts,
    sent.map((echo) => JSON.stringify({ echo })),
  );
  await link.close();
  t.same(heard.ends, [], 'who closes is not told that it ended');
});

t.test('the peer that its address names, and no other', async (t) => {
  const [peer, other] = [await quietPeer(t), await quietPeer(t)];
  await openLink(t, { addresses: [peer.place], peer: peer.name });
  await t.rejects(openLink(t, { addresses: [peer.place], peer: other.name }), {
    kind: 'bad-answer',
    message: /another peer/,
  });
  t.equal(peer.streams.length, 1, 'the wrong one saw no stream');
});

t.test('the first of several addresses that answers', async (t) => {
  const peer = await quietPeer(t);
  const { link, heard } = await openLink(t, { addresses: ['/ip4/127.0.0.1/tcp/1', peer.place] });
  peer.onText = (text) => peer.say(text);
  link.send('here');
  await heard.until(() => heard.texts.length === 1);
  t.same(heard.texts, ['"here"']);
});

t.test('who is not there, or speaks something else', async (t) => {
  await t.rejects(openLink(t, { addresses: ['/ip4/127.0.0.1/tcp/1'] }), {
    kind: 'unreachable',
    message: 'nothing listens there',
  });
  const http = await rawServer(t, 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'.repeat(100));
  await t.rejects(openLink(t, { addresses: [http] }), {
    kind: 'bad-answer',
    message: /does not speak libp2p/,
  });
  const other = await quietPeer(t, { protocol: '/chess/1.0.0' });
  await t.rejects(openLink(t, { addresses: [other.place] }), {
    kind: 'bad-answer',
    message: 'it does not speak /geoos/compositor/1.0.0',
  });
});

t.test('who never answers', async (t) => {
  const silent = await rawServer(t, '');
  await t.rejects(openLink(t, { addresses: [silent], signal: AbortSignal.timeout(300) }), {
    kind: 'timeout',
    message: 'no answer in time',
  });
  await t.rejects(openLink(t, { addresses: [silent], signal: AbortSignal.abort() }), {
    kind: 'timeout',
    message: 'no answer in time',
  });
});

t.test('a peer that goes is told once', async (t) => {
  for (const go of [
    (peer: Libp2pPeer) => peer.stop(),
    async (peer: Libp2pPeer) => peer.stream.abort(new Error('gone')),
    async (peer: Libp2pPeer) => peer.stream.close(),
  ]) {
    const peer = await quietPeer(t);
    const { link, heard } = await openLink(t, { addresses: [peer.place] });
    await peer.until(() => peer.streams.length > 0);
    await go(peer);
    await heard.until(() => heard.ends.length > 0);
    t.match(heard.ends, [{ kind: 'unreachable', message: 'it closed the stream' }]);
    link.send('into nothing');
    link.pause();
    link.resume();
    await link.close();
    t.equal(heard.ends.length, 1);
  }
});

t.test('a frame over the limit ends the link before it has come', async (t) => {
  const peer = await quietPeer(t);
  const { heard } = await openLink(t, { addresses: [peer.place] });
  await peer.until(() => peer.streams.length > 0);
  const { stream } = peer;
  const closed = new Promise((resolve) => stream.addEventListener('close', resolve));
  // Says 100 MB, and sends one.
  stream.send(Buffer.concat([Buffer.from([0x80, 0xc2, 0xd7, 0x2f]), Buffer.alloc(FRAME_LIMIT)]));
  await heard.until(() => heard.ends.length > 0);
  t.match(heard.ends, [{ kind: 'bad-answer', message: /frame of more than 1048576 bytes/ }]);
  t.same(heard.texts, []);
  await closed;
});

t.test('a paused link holds the peer back, and loses nothing', async (t) => {
  const [peer, echo] = [await quietPeer(t), await quietPeer(t)];
  const { link, heard } = await openLink(t, { addresses: [peer.place] });
  // Within the first of many messages that came as one piece.
  heard.onFirst = () => link.pause();
  await peer.until(() => peer.streams.length > 0);
  const { stream } = peer;
  const count = 100_000;
  const more = stream.send(
    Buffer.concat(Array.from({ length: count }, (_, i) => frameOf(`${i} ${'x'.repeat(90)}`))),
  );
  t.notOk(more, 'the peer is told that it must wait');
  await heard.until(() => heard.texts.length > 0);
  const other = await openLink(t, { addresses: [echo.place] });
  echo.onText = (text) => echo.say(text);
  for (let i = 1; i <= 20; i++) {
    other.link.send('round trip');
    await other.heard.until(() => other.heard.texts.length === i);
  }
  t.equal(heard.texts.length, 1, 'nothing came while it was paused');
  t.ok(stream.writeBufferLength > 5_000_000, 'most of it stays with the peer');
  link.resume();
  await heard.until(() => heard.texts.length === count);
  t.ok(heard.texts.every((text, i) => text.startsWith(`${i} `)));
});

t.test('what waits for a peer that does not read can be seen', async (t) => {
  const peer = await quietPeer(t);
  const { link } = await openLink(t, { addresses: [peer.place] });
  peer.stream.pause();
  for (let i = 0; i < 8; i++) link.send('x'.repeat(1_000_000));
  t.ok(link.unsentBytes > 4_000_000);
  await link.close();
});

t.test('a probe goes past what waits, and a peer without ping is well, too', async (t) => {
  for (const options of [{}, { ping: false }]) {
    const peer = await quietPeer(t, options);
    const { link } = await openLink(t, { addresses: [peer.place] });
    link.pause();
    await link.ping(soon());
    await link.ping(soon());
    await t.rejects(link.ping(AbortSignal.abort()), { kind: 'timeout', message: 'no answer in time' });
    await peer.stop();
    await t.rejects(link.ping(soon()), { name: 'ConnectorError' });
  }
});

t.test('addresses that are no multiaddrs of ours, and names of the wrong family', async (t) => {
  const peer = await quietPeer(t);
  const at = (address: string, options: LinkOptions = {}) =>
    link(t, { id: 'peer', protocol: 'libp2p', address }, options).connector.connect(soon());
  for (const address of ['127.0.0.1', `${peer.place}/ws`, '/dnsaddr/wall.example'])
    await t.rejects(at(address), { kind: 'refused', message: /^its address is not a multiaddr/ });
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  await t.rejects(at(`/dns6/wall.example/tcp/${peer.port}`, { resolve }), {
    kind: 'unreachable',
    message: 'its name has no such address',
  });
  await t.rejects(at('/ip4/169.254.169.254/tcp/80'), { kind: 'refused', message: /is never allowed/ });
  t.equal(peer.connections, 0);
  await at(`${peer.place}/p2p/${peer.name}`);
  t.equal(peer.connections, 1);
});

t.test('closed while it connects', async (t) => {
  let knocked: () => void = () => undefined;
  const knock = new Promise<void>((resolve) => (knocked = resolve));
  const silent = await rawServer(t, '', knocked);
  const { connector, lost } = link(t, { id: 'peer', protocol: 'libp2p', address: silent });
  const connecting = connector.connect(soon());
  await Promise.all([
    t.rejects(connecting, { message: 'the connection was closed' }),
    knock.then(() => connector.close()),
  ]);
  t.same(lost, []);
});

t.test('a daemon connects to one, shows it, takes its tiles, and hears its requests', async (t) => {
  const peer = await Libp2pPeer.start(t);
  peer.info = { version: '3.2.1' };
  const { url } = await startDaemon(t);
  const address = `${peer.place}/p2p/${peer.name}`;
  await send('PUT', `${url}/compositors/roof`, { name: 'Roof', protocol: 'libp2p', address, ttl: 600 });
  let entry: Record<string, unknown> = {};
  await eventually(async () => {
    ({ body: entry } = await send('GET', `${url}/compositors/roof`));
    return entry['status'] === 'connected' && entry['info'] !== undefined;
  }, 'connected, with its information');
  t.match(entry, { address, info: { version: '3.2.1' } });
  peer.say({ type: 'tile_update', x: 3, y: -4, brick: 'roof.png' });
  t.match(await peer.ask({ type: 'tiles', tiles: { '3,-5': { brick: 'more.png' } } }), { ok: true });
  t.match((await send('GET', `${url}/manifest/tiles`)).body, {
    '3,-4': { brick: 'roof.png' },
    '3,-5': { brick: 'more.png' },
  });
  t.match(await peer.ask({ type: 'leave' }), { ok: true });
  t.equal((await send('GET', `${url}/compositors/roof`)).status, 404);
  await eventually(() => peer.open === 0, 'who has left is not connected to');
});

connectorContract(t, 'libp2p', (t) => Libp2pPeer.start(t));
