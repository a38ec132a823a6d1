import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { openStream } from '../../src/conformance/event-source.ts';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { Program } from '../support/program.ts';
import { rawRequest } from '../support/raw-request.ts';

const GZIP = { 'Accept-Encoding': 'gzip' };

t.test('a reader that takes gzip gets the same states in fewer bytes', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch(bricks(3000));
  const readers = [{}, GZIP].map((headers) => new ConformanceClient({ url, headers }));
  t.teardown(() => Promise.all(readers.map((reader) => reader.disconnect())));
  for (const reader of readers) reader.connect();
  for (const changes of [bricks(1), bricks(40), bricks(2500), bricks(2)]) {
    const cursor = await wall.patch(changes);
    for (const reader of readers) await reader.untilCursor(cursor);
  }
  const [plain, coded] = readers;
  t.equal(plain!.stream!.headers['content-encoding'], 'identity');
  t.equal(coded!.stream!.headers['content-encoding'], 'gzip');
  t.match(coded!.stream!.headers, { vary: /Accept-Encoding/, 'cache-control': 'no-store, no-transform' });
  t.strictSame(coded!.copy.tiles, plain!.copy.tiles);
  t.strictSame(
    readers.map(({ copy }) => [copy.violations, copy.counts.snapshots]),
    [
      [[], 1],
      [[], 1],
    ],
  );
});

t.test('bye ends the compressed stream well: its length and CRC are right', async (t) => {
  for (const version of ['1.0', '1.1']) {
    const { app } = await build(t);
    const url = await app.listen();
    const wall = await HttpPublisher.join(url, 'wall');
    await wall.patch(bricks(2000));
    const head = `GET /manifest/stream HTTP/${version}\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n`;
    const reply = rawRequest(url, head);
    await eventually(async () => app.feed.counts.snapshots.initial === 1, 'a snapshot');
    await wall.patch({ '-1,-1': { brick: 'late' } });
    await app.close();
    const body = Buffer.from((await reply).replace(/^[^]*?\r\n\r\n/, ''), 'latin1');
    const text = gunzipSync(version === '1.0' ? body : unchunked(body)).toString();
    t.match(text, /^: compositord\nretry: \d+\n/);
    t.match(text, /event: bye\ndata: {"reason":"shutdown"}\n\n$/);
  }
});

t.test('curl shows each frame as it comes', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const curl = new Program(t, 'curl', ['-sN', '--compressed', '--include', `${url}/manifest/stream`]);
  await curl.prints(/^Content-Encoding: gzip\r?\n[^]*^event: synced$/m);
  for (const n of [1, 400, 2]) {
    const cursor = await wall.patch(bricks(n));
    await curl.prints(new RegExp(`^id: ${cursor}\nevent: patch\ndata: .*}\n\n`, 'm'));
  }
  await app.close();
  t.match(await curl.exited, { code: 0 });
});

t.test('HEAD says what GET would do; who weighs identity higher gets that', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const head = (accepted: string) =>
    rawRequest(
      url,
      `HEAD /manifest/stream HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: ${accepted}\r\n\r\n`,
    );
  t.match(await head('gzip, br'), /^content-encoding: gzip\r$/im);
  t.match(await head('gzip;q=0.5, identity'), /^content-encoding: identity\r$/im);
  t.match(await head('gzip;q=0, *'), /^content-encoding: identity\r$/im);
});

t.test('a refusal is compressed, too', async (t) => {
  const { app } = await build(t, { settings: { stream: { maxReaders: 1 } } });
  const url = `${await app.listen()}/manifest/stream`;
  const other = await openStream({ url });
  t.teardown(() => other.destroy());
  const stream = await openStream({ url, headers: GZIP });
  const items = [];
  for await (const item of stream) items.push(item);
  t.match(items.at(-1), { event: 'bye', data: '{"reason":"overloaded"}' });
  t.equal(stream.ending, 'end');
});

function bricks(count: number) {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`${i % 50},${Math.floor(i / 50)}`, { brick: `${count}-${i}` }]),
  );
}

function unchunked(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = parseInt(body.subarray(at, end).toString(), 16);
    pieces.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(pieces);
}
