import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t, { type Test } from 'tap';
import { CODINGS } from '../../src/plugins/codings.ts';
import { build, type Built } from '../support/build.ts';
import { decoded } from '../support/decoded.ts';

/** A reply as it comes over the wire. */
function get(url: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number | undefined; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      request(url, { headers, method, agent: false }, (reply) => {
        const pieces: Buffer[] = [];
        reply.on('data', (piece: Buffer) => pieces.push(piece)).on('error', reject);
        reply.on('end', () =>
          resolve({ status: reply.statusCode, headers: reply.headers, body: Buffer.concat(pieces) }),
        );
      })
        .on('error', reject)
        .end();
    },
  );
}

const tiles = (from: number, count: number, brick: (i: number) => string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${(from + i) % 100},${Math.floor((from + i) / 100)}`,
      { brick: brick(i) },
    ]),
  );

/** In commits of some hundred KB. */
const AT_ONCE = 2500;

async function withTiles(
  { inject, app }: Built,
  count: number,
  brick = (i: number) => `b${i}`,
): Promise<string> {
  // On a busy machine a lease of 30 s would end in the middle, with a commit of its own.
  const payload = { name: 'Wall', instance: '1', ttl: 3600 };
  await inject({ method: 'PUT', url: '/compositors/wall', payload });
  for (let from = 0; from < count; from += AT_ONCE)
    await inject({
      method: 'PATCH',
      url: '/compositors/wall/tiles',
      payload: tiles(from, Math.min(AT_ONCE, count - from), brick),
    });
  return app.listen();
}

t.test('large replies come in each coding: the same content, a weak ETag, and 304 for each', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 500);
  const since = '0-00000000';
  const { cursor } = (await built.inject('/manifest')).json as { cursor: string };
  for (const each of [
    '/manifest',
    '/manifest?view=0,0,60,3',
    '/manifest/tiles',
    '/builder/map/manifest.json?t=1',
    '/compositors/wall/tiles',
    '/manifest?at=CURSOR',
    '/manifest?atLeast=CURSOR&view=0,0,50,4',
    `/manifest/changes?since=${since}`,
    '/metrics',
  ]) {
    const path = each.replace('CURSOR', cursor);
    const plain = await get(url + path, {});
    t.match(plain.headers, { vary: /Accept-Encoding/, 'content-length': String(plain.body.length) }, path);
    t.notOk(plain.headers['content-encoding']);
    const etag = plain.headers['etag'] as string | undefined;
    for (const coding of CODINGS) {
      const accepted = { 'accept-encoding': coding };
      const coded = await get(url + path, accepted);
      t.match(coded.headers, { 'content-encoding': coding, 'content-length': String(coded.body.length) });
      if (path !== '/metrics') t.ok(decoded(coding, coded.body).equals(plain.body), `${path} in ${coding}`);
      t.ok(coded.body.length < plain.body.length / 4, `${coded.body.length} of ${plain.body.length} bytes`);
      if (etag === undefined) continue;
      t.equal(coded.headers['etag'], `W/${etag}`);
      for (const known of [etag, `W/${etag}`])
        t.match(await get(url + path, { ...accepted, 'if-none-match': known }), {
          status: 304,
          headers: { vary: /Accept-Encoding/ },
        });
    }
  }
  const timed = await get(`${url}/manifest?view=0,0,99,4`, { 'accept-encoding': 'br' });
  t.match(timed.headers['server-timing'], /^make;dur=\d+\.\d, compress;dur=\d+\.\d$/);
  const head = await get(`${url}/manifest`, { 'accept-encoding': 'gzip' }, 'HEAD');
  const whole = await get(`${url}/manifest`, { 'accept-encoding': 'gzip' });
  for (const name of ['content-encoding', 'content-length', 'etag', 'vary'])
    t.equal(head.headers[name], whole.headers[name], `HEAD: ${name}`);
});

t.test('what is small, refused, or wanted as it is comes as it is', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 2);
  const gzip = { 'accept-encoding': 'gzip' };
  t.notOk((await get(`${url}/manifest/tiles`, gzip)).headers['content-encoding']);
  t.notOk((await get(`${url}/health`, gzip)).headers['content-encoding']);
  t.notOk(
    (await get(`${url}/metrics`, { 'accept-encoding': 'gzip;q=0, *;q=0' })).headers['content-encoding'],
  );
  t.notOk(
    (await get(`${url}/metrics`, { 'accept-encoding': 'gzip;q=0.1, identity' })).headers['content-encoding'],
  );
});

t.test('what is made in pieces is compressed in pieces, and ends when its client leaves', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 10_000);
  for (const path of ['/manifest?view=0,0,99,98', '/manifest/changes?since=0-00000000']) {
    const plain = await get(url + path, {});
    const coded = await get(url + path, { 'accept-encoding': 'br, gzip' });
    t.match(coded.headers, { 'content-encoding': 'gzip', 'transfer-encoding': 'chunked' });
    t.ok(decoded('gzip', coded.body).equals(plain.body), path);
    t.ok(coded.body.length < plain.body.length / 6, `${coded.body.length} of ${plain.body.length} bytes`);
  }
  await new Promise<void>((resolve) => {
    const leaving = request(`${url}/manifest?view=0,0,99,97`, { headers: { 'accept-encoding': 'gzip' } });
    leaving
      .on('response', (reply) => reply.once('data', () => leaving.destroy()))
      .on('close', resolve)
      .end();
  });
  t.equal((await get(`${url}/health`, {})).status, 200);
});

t.test('the whole map is compressed once for all who ask, until it changes', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 500);
  const gzip = { 'accept-encoding': 'gzip' };
  const [first, second] = await Promise.all([get(`${url}/manifest`, gzip), get(`${url}/manifest`, gzip)]);
  t.ok(first.body.equals(second.body));
  await built.inject({
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '0,0': { brick: 'new' } },
  });
  const later = await get(`${url}/manifest`, gzip);
  t.match(decoded('gzip', later.body).toString(), /"0,0":{"brick":"new"/);
});

t.test('a long map is sent in pieces that stay compressed until they change', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 24_000);
  const gzip = { 'accept-encoding': 'br, gzip' };
  for (const path of ['/manifest', '/manifest/tiles', '/compositors/wall/tiles']) {
    const plain = await get(url + path, {});
    const length = path.startsWith('/manifest') ? String(plain.body.length) : undefined;
    t.match(plain.headers, { vary: /Accept-Encoding/ }, path);
    t.equal(plain.headers['content-length'], length, 'of what is there');
    const coded = await get(url + path, gzip);
    t.match(coded.headers, { 'content-encoding': 'gzip', vary: /Accept-Encoding/, etag: /^W\/"/ });
    t.match(coded.headers['server-timing'], /^make;dur=/);
    t.ok(decoded('gzip', coded.body).equals(plain.body), `${path} in gzip`);
    t.ok(coded.body.length < plain.body.length / 8, `${coded.body.length} of ${plain.body.length} bytes`);
    const known = { ...gzip, 'if-none-match': coded.headers['etag'] as string };
    t.match(await get(url + path, known), { status: 304, headers: { vary: /Accept-Encoding/ } });
    const head = await get(url + path, gzip, 'HEAD');
    for (const name of ['content-encoding', 'etag', 'vary'])
      t.equal(head.headers[name], coded.headers[name], `HEAD: ${name}`);
  }
  const before = await get(`${url}/manifest`, gzip);
  const brotli = await get(`${url}/manifest`, { 'accept-encoding': 'br' });
  t.equal(brotli.headers['content-encoding'], 'br', 'whoever takes nothing else');
  t.ok(decoded('br', brotli.body).equals(decoded('gzip', before.body)));

  const payload = { '3,3': { brick: 'new' } };
  await built.inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload });
  const [plain, after] = [await get(`${url}/manifest`, {}), await get(`${url}/manifest`, gzip)];
  t.match(plain.body.toString(), /"3,3":{"brick":"new"/);
  t.ok(decoded('gzip', after.body).equals(plain.body));
});

t.test('slow readers of a long map in gzip hold little memory', async (t) => {
  const built = await build(t);
  const url = await withTiles(built, 80_000, () => randomBytes(180).toString('base64'));
  // After it each piece is there.
  const whole = await lengthOf(`${url}/manifest`);
  t.ok(whole > 12 * 2 ** 20, 'more than sockets take');
  const before = memoryInUse();
  const readers = await Promise.all(Array.from({ length: 20 }, () => unread(t, url)));
  // Another one reads it all meanwhile: by then the others have been sent what their sockets take.
  t.equal(await lengthOf(`${url}/manifest`), whole);
  const each = (memoryInUse() - before) / readers.length;
  t.ok(each < 2 ** 19, `${Math.round(each)} bytes for each, with those that the client holds`);
  for (const reader of readers) reader.resume();
  await Promise.all(readers.map((reader) => once(reader, 'close')));
  for (const { bytesRead } of readers) t.ok(bytesRead > whole);
});

/** The bytes of a reply in gzip, of which none are kept: they would count as memory of the daemon. */
function lengthOf(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (reply) => {
      let bytes = 0;
      reply.on('data', (piece: Buffer) => (bytes += piece.length)).on('error', reject);
      reply.on('end', () => resolve(bytes));
    })
      .on('error', reject)
      .end();
  });
}

/** A client whose request has been answered, as far as that goes while it reads nothing. */
async function unread(t: Test, url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  t.teardown(() => socket.destroy());
  socket.write(
    'GET /manifest HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n',
  );
  await once(socket, 'readable');
  return socket;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap and of buffers. */
function memoryInUse(): number {
  // Buffers that the first one finds are let go by the second.
  for (let i = 0; i < 2; i++) collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
