import { once } from 'node:events';
import { createServer } from 'node:net';
import t from 'tap';
import { connectorContract } from '../contract/connector.ts';
import { connected, errorOf, link, soon } from '../contract/connector-world.ts';
import { eventually } from '../failures/eventually.ts';
import { selfSigned } from '../support/peers/tls.ts';
import { freePort } from '../support/free-port.ts';
import { HttpPeer, type HttpMischief } from '../support/peers/http-peer.ts';

connectorContract(t, 'http', (t) => HttpPeer.start(t));

/** Those that a signal ends are given a short one. */
const MISCHIEF: [HttpMischief, health: object | undefined, command: object][] = [
  ['silent', { kind: 'timeout' }, { kind: 'timeout' }],
  ['drip', { kind: 'timeout' }, { kind: 'timeout' }],
  // Health is the status alone.
  ['garbage', undefined, { kind: 'bad-answer', message: 'its answer is not JSON' }],
  ['endless', { kind: 'bad-answer', message: /larger than 1048576/ }, { kind: 'bad-answer' }],
  ['redirect', { kind: 'bad-answer', message: /302: redirects/ }, { kind: 'bad-answer', message: /302/ }],
  ['cut', { kind: 'unreachable' }, { kind: 'unreachable' }],
  ['bomb', undefined, { kind: 'bad-answer', message: /compressed/ }],
  ['huge-head', { kind: 'bad-answer', message: /head/ }, { kind: 'bad-answer', message: /head/ }],
  ['not-http', { kind: 'bad-answer', message: /not HTTP/ }, { kind: 'bad-answer' }],
];

for (const [mischief, health, command] of MISCHIEF) {
  t.test(`a bad compositor: ${mischief}`, async (t) => {
    const peer = await HttpPeer.start(t);
    const elsewhere = await HttpPeer.start(t);
    peer.redirectTo = `${elsewhere.url}/health`;
    const { connector } = await connected(t, peer.target);
    peer.mischief = mischief;
    const signal = () => (mischief === 'silent' || mischief === 'drip' ? AbortSignal.timeout(300) : soon());
    if (health) t.match(await errorOf(connector.probe(signal())), { name: 'ConnectorError', ...health });
    else await connector.probe(signal());
    const error = await errorOf(connector.send({ id: 'a', command: 'go' }, signal()));
    t.match(error, { name: 'ConnectorError', ...command });
    t.notMatch(error.message, /\n/);
    t.equal(elsewhere.connections, 0, 'nobody went where a redirect leads');
    t.ok(peer.sent < 64 * 2 ** 20, `${peer.sent} bytes of an endless answer were taken`);
    peer.mischief = undefined;
    await connector.probe(soon());
    t.strictSame(await connector.send({ id: 'b', command: 'go' }, soon()), { ran: 'go' }, 'and it goes on');
  });
}

t.test('it does not connect to who is bad from the start', async (t) => {
  for (const [mischief, health] of MISCHIEF) {
    if (!health) continue;
    const peer = await HttpPeer.start(t);
    peer.mischief = mischief;
    const { connector } = link(t, peer.target);
    const slow = mischief === 'silent' || mischief === 'drip';
    t.match(await errorOf(connector.connect(slow ? AbortSignal.timeout(100) : soon())), health, mischief);
    await connector.close();
    await eventually(() => peer.open === 0, `${mischief}: all connections are closed`);
  }
});

t.test('healthy is what answers 2xx', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = await connected(t, peer.target);
  for (const status of [500, 404, 503, 401]) {
    peer.health = status;
    t.match(await errorOf(connector.probe(soon())), {
      kind: 'failed',
      message: `GET /health answered ${status}`,
    });
  }
  peer.health = 204;
  await connector.probe(soon());
});

t.test('probes keep one connection, and commands another', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = await connected(t, peer.target);
  for (let i = 0; i < 10; i++) await connector.probe(soon());
  for (let i = 0; i < 10; i++) await connector.send({ id: `c${i}`, command: 'go' }, soon());
  t.equal(peer.connections, 2);
});

t.test('a connection that was closed between two probes is no failure', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = await connected(t, peer.target);
  for (let i = 0; i < 5; i++) {
    await peer.stop();
    await peer.listen();
    await connector.probe(soon());
    await connector.send({ id: `c${i}`, command: 'go' }, soon());
  }
});

t.test('information: at /api/status, else at /info, read again now and then', async (t) => {
  const peer = await HttpPeer.start(t);
  peer.infoPath = '/info';
  peer.info = { version: 1 };
  const { connector } = await connected(t, peer.target);
  t.strictSame((await connector.probe(soon())).info, { version: 1 });
  peer.info = { version: 2 };
  await eventually(async () => {
    const { info } = await connector.probe(soon());
    return info?.['version'] === 2;
  }, 'the new information');
  const asked = peer.requests.filter(({ url }) => url === '/info').length;
  const probes = peer.requests.filter(({ url }) => url === '/health').length;
  t.ok(asked * 3 <= probes, `${asked} times in ${probes} probes`);
});

t.test('information that cannot be understood leaves what is known of it', async (t) => {
  for (const bad of ['{"half":', '[]', '"text"', 'null', `{"a":"${'x'.repeat(5000)}"}`]) {
    const peer = await HttpPeer.start(t);
    peer.info = { version: 1 };
    const { connector } = await connected(t, peer.target);
    peer.info = bad;
    for (let i = 0; i < 8; i++) t.strictSame((await connector.probe(soon())).info, { version: 1 });
  }
});

t.test('a failed command passes on the body, and one without JSON none', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = await connected(t, peer.target);
  peer.onCommand = () => {
    throw new Error('no');
  };
  t.match(await errorOf(connector.send({ id: 'a', command: 'go' }, soon())), {
    kind: 'failed',
    message: 'POST /commands answered 422',
    answer: { error: 'no' },
    reason: 'POST /commands answered 422: no',
  });
});

t.test('what a command looks like on the wire', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = await connected(t, peer.target);
  await connector.send({ id: 'a', command: 'go', params: { fast: true } }, soon());
  const { method, url, headers, body } = peer.requests.at(-1)!;
  t.strictSame(JSON.parse(body), { id: 'a', command: 'go', params: { fast: true } });
  t.match(
    { method, url, headers },
    {
      method: 'POST',
      url: '/commands',
      headers: {
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        host: `127.0.0.1:${peer.port}`,
      },
    },
  );
});

t.test('https: only with a certificate that is trusted and names the host', async (t) => {
  const tls = await selfSigned(t);
  const peer = await HttpPeer.start(t, { tls });
  const { connector } = await connected(t, peer.target, { ca: tls.cert });
  t.strictSame(await connector.send({ id: 'a', command: 'go' }, soon()), { ran: 'go' });
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const named = await connected(t, peer.targetAt('map.example'), { ca: tls.cert, resolve });
  await named.connector.probe(soon());
  const untrusted = link(t, peer.target);
  t.match(await errorOf(untrusted.connector.connect(soon())), {
    kind: 'unreachable',
    message: /certificate/,
  });
  const misnamed = link(t, peer.targetAt('other.example'), { ca: tls.cert, resolve });
  t.match(await errorOf(misnamed.connector.connect(soon())), {
    kind: 'unreachable',
    message: /certificate/,
  });
});

t.test('https to who speaks no TLS', async (t) => {
  const peer = await HttpPeer.start(t);
  const { connector } = link(t, { ...peer.target, protocol: 'https' });
  t.match(await errorOf(connector.connect(soon())), { kind: 'bad-answer', message: /TLS/ });
});

t.test('an address that is no host is refused', async (t) => {
  const bad = [
    '127.0.0.1:80',
    'a/b',
    'u@127.0.0.1',
    '127.0.0.1#',
    '127.0.0.1?x',
    '[127.0.0.1',
    'a b',
    '',
    'a..b/',
    '::1%lo',
    '[wall]',
    'a%2e',
  ];
  for (const address of bad) {
    const { connector } = link(t, { id: 'a', protocol: 'http', address, port: 5000 });
    t.match(await errorOf(connector.connect(soon())), { kind: 'refused' }, address);
  }
});

t.test('names that only look harmless', async (t) => {
  const peer = await HttpPeer.start(t);
  // What a resolver makes of them; the URL's own parser makes an address of some before anybody is asked.
  const resolve = async () => [{ address: '169.254.169.254', family: 4 }];
  for (const address of [
    '2852039166',
    '0xa9fea9fe',
    '0251.0376.0251.0376',
    '169.254.43518',
    '169.254.169.254.',
  ]) {
    const { connector } = link(t, { id: 'a', protocol: 'http', address, port: 80 }, { resolve });
    t.match(await errorOf(connector.connect(soon())), { kind: 'refused' }, address);
  }
  const { connector } = await connected(t, { ...peer.target, address: '2130706433' });
  await connector.probe(soon());
});

t.test('a host that takes the connection and says nothing', async (t) => {
  const port = await freePort();
  const server = createServer();
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { connector } = link(t, { id: 'a', protocol: 'http', address: '127.0.0.1', port });
  t.match(await errorOf(connector.connect(AbortSignal.timeout(100))), { kind: 'timeout' });
  await connector.close();
});
