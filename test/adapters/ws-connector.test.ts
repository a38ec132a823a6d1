import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import t from 'tap';
import type { ConnectorError } from '../../src/domain/connector.ts';
import { connectorContract } from '../contract/connector.ts';
import { connected, link, soon } from '../contract/connector-world.ts';
import { eventually } from '../failures/eventually.ts';
import { selfSigned } from '../support/peers/tls.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer, type WsMischief } from '../support/peers/ws-peer.ts';

connectorContract(t, 'ws', (t) => WsPeer.start(t));

async function errorOf(call: Promise<unknown>): Promise<ConnectorError> {
  return call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as ConnectorError,
  );
}

t.test('a handshake that fails tells why', async (t) => {
  const cases: [WsMischief, object][] = [
    ['no-upgrade', { kind: 'bad-answer', message: 'it answered with 404, and no WebSocket' }],
    ['redirect', { kind: 'bad-answer', message: /302: redirects are not followed/ }],
    ['not-http', { kind: 'bad-answer', message: 'its answer is not HTTP' }],
    ['no-handshake', { kind: 'timeout' }],
  ];
  for (const [mischief, expected] of cases) {
    const peer = await WsPeer.start(t);
    peer.mischief = mischief;
    const { connector, lost } = link(t, peer.target);
    const signal = mischief === 'no-handshake' ? AbortSignal.timeout(100) : soon();
    t.match(await errorOf(connector.connect(signal)), { name: 'ConnectorError', ...expected }, mischief);
    t.strictSame(lost, []);
    await connector.close();
  }
});

t.test('an HTTP compositor is none', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = link(t, { ...peer.target, protocol: 'ws' });
  t.match(await errorOf(connector.connect(soon())), { kind: 'bad-answer', message: /no WebSocket/ });
});

t.test('a frame of 100 MB ends the link before it is read', async (t) => {
  const peer = await WsPeer.start(t);
  const { connector, lost } = await connected(t, peer.target);
  const waiting = errorOf(connector.send({ id: 'a', command: 'go' }, soon()));
  peer.onCommand = () => new Promise(() => undefined);
  // Its head alone: text, final, 100 MB.
  const head = Buffer.alloc(10);
  head.set([0x81, 127]);
  head.writeBigUInt64BE(100_000_000n, 2);
  peer.bytes.write(head);
  await eventually(() => lost.length === 1, 'the end of the link');
  t.match(lost, [{ kind: 'bad-answer', message: 'it sent a message larger than 1048576 bytes' }]);
  t.match(await waiting, { kind: 'bad-answer' });
  t.match(await errorOf(connector.probe(soon())), { kind: 'bad-answer' });
});

t.test('a message of a hundred thousand pieces ends it, too', async (t) => {
  const peer = await WsPeer.start(t);
  const { lost } = await connected(t, peer.target);
  // A text that is not the last piece, then continuations of one byte that never end.
  peer.bytes.write(Buffer.from([0x01, 1, 0x20]));
  peer.bytes.write(Buffer.concat(Array.from({ length: 100_000 }, () => Buffer.from([0x00, 1, 0x20]))));
  await eventually(() => lost.length === 1, 'the end of the link');
  t.equal(lost[0]!.kind, 'bad-answer');
});

t.test('whoever breaks the protocol is told apart from whoever goes', async (t) => {
  for (const bytes of [
    Buffer.from([0x83, 0]),
    Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x20]),
    Buffer.from([0x81, 1, 0xff]),
  ]) {
    const peer = await WsPeer.start(t);
    const { lost } = await connected(t, peer.target);
    peer.bytes.write(bytes);
    await eventually(() => lost.length === 1, 'the end of the link');
    t.match(lost, [{ kind: 'bad-answer', message: /^it broke the WebSocket protocol \(WS_ERR_/ }]);
  }
});

t.test('an end in the middle of a message, a polite end, and a reset', async (t) => {
  const ends: ((peer: WsPeer) => void)[] = [
    (peer) => peer.bytes.end(Buffer.from([0x81, 100, 0x7b])),
    (peer) => peer.socket.close(1001, 'text of the peer\nthat is not shown'),
    (peer) => peer.bytes.resetAndDestroy(),
  ];
  for (const end of ends) {
    const peer = await WsPeer.start(t);
    const { connector, lost } = await connected(t, peer.target);
    peer.onCommand = () => new Promise(() => undefined);
    const answer = errorOf(connector.send({ id: 'a', command: 'wait' }, soon()));
    await peer.until(() => peer.commands.length === 1);
    end(peer);
    t.match(await answer, { kind: 'unreachable' });
    await eventually(() => lost.length === 1, 'the end of the link');
    t.match(lost, [{ kind: 'unreachable', message: /^it (ended|cut) the connection( \(\d+\))?$/ }]);
  }
});

t.test('a peer that does not read what it is sent is let go', async (t) => {
  const peer = await WsPeer.start(t);
  const { connector, lost } = await connected(t, peer.target);
  peer.socket.pause();
  const params = randomBytes(300_000).toString('base64');
  const calls: Promise<unknown>[] = [];
  for (let i = 0; lost.length === 0 && i < 1000; i++) {
    calls.push(errorOf(connector.send({ id: `c${i}`, command: 'go', params }, soon())));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.match(lost, [{ kind: 'unreachable', message: 'it does not read what it is sent' }]);
  await Promise.all(calls);
});

t.test('wss: only with a certificate that is trusted', async (t) => {
  const tls = await selfSigned(t);
  const peer = await WsPeer.start(t, { tls });
  const { connector } = await connected(t, peer.target, { ca: tls.cert });
  await connector.probe(soon());
  t.match(await errorOf(link(t, peer.target).connector.connect(soon())), {
    kind: 'unreachable',
    message: /certificate/,
  });
});

t.test('goodbyes: a peer hears that we go, and one that does not answer is cut off', async (t) => {
  const polite = await WsPeer.start(t);
  const first = await connected(t, polite.target);
  const heard = once(polite.socket, 'close');
  await first.connector.close();
  t.equal((await heard)[0], 1000);
  const rude = await WsPeer.start(t);
  const second = await connected(t, rude.target);
  rude.socket.pause();
  await second.connector.close();
  t.strictSame([...first.lost, ...second.lost], []);
});
