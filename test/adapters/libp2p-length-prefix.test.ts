import fc from 'fast-check';
import t from 'tap';
import { FRAME_LIMIT, FrameReader, frameOf } from '../../src/adapters/connectors/libp2p/length-prefix.ts';
import { multiaddrOf, parseMultiaddr } from '../../src/domain/multiaddr.ts';

function messagesOf(reader: FrameReader): string[] {
  const messages: string[] = [];
  for (let text = reader.next(); text !== undefined; text = reader.next()) messages.push(text);
  return messages;
}

t.test('messages survive every way of being cut into pieces', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'grapheme' }),
          fc.constant('x'.repeat(300)),
          fc.constant('y'.repeat(20_000)),
        ),
      ),
      fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
      (texts, sizes) => {
        const bytes = Buffer.concat(texts.map(frameOf));
        const reader = new FrameReader();
        const got: string[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length]!;
          reader.push(bytes.subarray(at, at + size));
          got.push(...messagesOf(reader));
          at += size;
        }
        t.strictSame(got, texts);
      },
    ),
    { numRuns: 200 },
  );
  t.end();
});

t.test('lengths are unsigned varints, as every libp2p writes them', (t) => {
  t.same([...frameOf('{}')], [2, 0x7b, 0x7d]);
  t.same([...frameOf('x'.repeat(300)).subarray(0, 2)], [0xac, 0x02]);
  t.equal(frameOf('é').length, 3);
  t.end();
});

t.test('the limit: exactly it passes, one more is refused before it has come', (t) => {
  const whole = new FrameReader();
  whole.push(frameOf('x'.repeat(FRAME_LIMIT)));
  t.equal(whole.next()?.length, FRAME_LIMIT);
  for (const length of [
    [0x81, 0x80, 0x40],
    [0xff, 0xff, 0x7f],
    [0x80, 0x80, 0x80],
    [0xff, 0xff, 0xff, 0xff, 0x0f],
  ]) {
    const reader = new FrameReader();
    reader.push(Buffer.from(length));
    t.throws(() => reader.next(), RangeError, JSON.stringify(length));
  }
  t.end();
});

t.test('which multiaddrs are taken, and where they lead', (t) => {
  const peer = '12D3KooWHCeeTaPVbk2jDJRddwPqFk5quMQZDXodHkDPRYsxU6gN';
  for (const [text, address] of [
    ['/ip4/127.0.0.1/tcp/5000', { host: '127.0.0.1', family: 4, port: 5000 }],
    [`/ip4/10.0.0.7/tcp/1/p2p/${peer}`, { host: '10.0.0.7', family: 4, port: 1, peer }],
    ['/ip6/::1/tcp/65535', { host: '::1', family: 6, port: 65535 }],
    ['/dns/wall.local/tcp/5000', { host: 'wall.local', family: 0, port: 5000 }],
    ['/dns4/wall.local/tcp/5000', { host: 'wall.local', family: 4, port: 5000 }],
    ['/dns6/wall.local/tcp/5000', { host: 'wall.local', family: 6, port: 5000 }],
  ] as const)
    t.strictSame(parseMultiaddr(text), address, text);
  for (const text of [
    '',
    '127.0.0.1',
    '/ip4/127.0.0.1',
    '/ip4/127.0.0.1/udp/5000',
    '/ip4/127.0.0.1/tcp/0',
    '/ip4/127.0.0.1/tcp/65536',
    '/ip4/127.0.0.1/tcp/5000/ws',
    '/ip4/127.0.0.1/tcp/5000/',
    '/ip4/::1/tcp/5000',
    '/ip4/1.2.3/tcp/5000',
    '/ip6/127.0.0.1/tcp/5000',
    '/ip6/fe80::1%eth0/tcp/5000',
    '/dns4/127.0.0.1/tcp/5000',
    '/dnsaddr/bootstrap.libp2p.io',
    `/ip4/127.0.0.1/tcp/5000/p2p/${peer}/p2p-circuit/p2p/${peer}`,
    `/ip4/127.0.0.1/tcp/5000/p2p/no!`,
    `/unix/%2ftmp%2fx`,
  ])
    t.equal(parseMultiaddr(text), undefined, text);
  t.equal(multiaddrOf('127.0.0.1', 5000), '/ip4/127.0.0.1/tcp/5000');
  t.equal(multiaddrOf('::1', 5000), '/ip6/::1/tcp/5000');
  t.end();
});
