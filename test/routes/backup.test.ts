// GET /backup: everything in one file, while the daemon goes on.
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import type { ArchivePart } from '../../src/domain/archive.ts';
import { linesIn } from '../../src/services/archive/archive-stream.ts';
import { readArchive } from '../../src/services/archive/read-archive.ts';
import { eventually } from '../failures/eventually.ts';
import { filled } from '../failures/bulk.ts';
import { build, type Built } from '../support/build.ts';
import { send } from '../support/http-client.ts';
import { tokenFor } from '../support/tokens.ts';
import { startRedis } from '../support/redis-server.ts';

async function fill({ inject }: Built, rows: number): Promise<void> {
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 3600 } });
  for (let y = 0; y < rows; y++) await patch({ inject }, { x: 0, y, name: 'first' });
}

function patch({ inject }: Pick<Built, 'inject'>, { x, y, name }: { x: number; y: number; name: string }) {
  const payload = Object.fromEntries(filled({ x, y, width: 1000, height: 1, name }));
  return inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload });
}

async function read(bytes: AsyncIterable<Buffer>) {
  const tiles: ArchivePart['tiles'][number][] = [];
  let header;
  for await (const line of readArchive(linesIn(bytes))) {
    ({ header } = line);
    tiles.push(...line.part.tiles);
  }
  return { header: header, tiles: new Map(tiles) };
}

async function* bytesOf(response: Response): AsyncGenerator<Buffer> {
  for await (const piece of response.body!) yield Buffer.from(piece as Uint8Array);
}

t.test('it is of one cursor, whatever is written while it is read', async (t) => {
  const built = await build(t);
  await fill(built, 30);
  const url = await built.app.listen();
  const { tiles, cursor } = (await built.inject('/manifest')).json;
  const response = await fetch(`${url}/backup`, { headers: { 'accept-encoding': 'gzip, br' } });
  t.equal(response.status, 200);
  t.equal(response.headers.get('content-type'), 'application/gzip');
  t.equal(response.headers.get('content-encoding'), null, 'it is compressed once');
  t.equal(response.headers.get('manifest-cursor'), cursor);
  const writing = (async () => {
    for (let y = 0; y < 30; y++) await patch(built, { x: 0, y, name: 'second' });
  })();
  const archive = await read(bytesOf(response));
  await writing;
  t.match(archive.header, {
    head: cursor,
    store: 'embedded',
    degraded: false,
    counts: { leases: 1, tiles: 30_000 },
  });
  t.same(Object.fromEntries(archive.tiles), tiles);
  const head = await built.inject({ method: 'HEAD', url: '/backup' });
  t.match(head, { status: 200, text: '' });
  t.not(head.headers['manifest-cursor'], cursor);
});

t.test('only who may do everything may take one', async (t) => {
  const [boss, eye] = [tokenFor('boss', ['admin']), tokenFor('eye', ['read', 'write', 'command'])];
  const { inject } = await build(t, { settings: { auth: [boss.entry, eye.entry] } });
  t.match(await inject('/backup'), { status: 401 });
  t.match(await inject({ url: '/backup', headers: eye.headers }), { status: 403 });
  t.match(await inject({ url: '/backup?x=1', headers: boss.headers }), { status: 400 });
  t.match(await inject({ url: '/backup', headers: boss.headers }), { status: 200 });
});

/** A client that sends a request for a backup and reads nothing of it. */
async function stalled(t: Test, url: string) {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  t.teardown(() => socket.destroy());
  socket.write('GET /backup HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => socket.once('readable', resolve));
  return socket;
}

t.test('one at a time: another waits until the first has ended, or its client has gone', async (t) => {
  const built = await build(t);
  await fill(built, 60);
  // Bricks that do not compress fill the buffers between the two.
  const url = await built.app.listen();
  for (let y = 0; y < 60; y++) {
    const noise = () => Array.from({ length: 200 }, () => Math.random().toString(36)[2]).join('');
    const payload = Object.fromEntries(
      Array.from({ length: 1000 }, (_, x) => [`${x},${y}`, { brick: noise() }]),
    );
    await built.inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload });
  }
  const socket = await stalled(t, url);
  const refused = await send('GET', `${url}/backup`);
  t.match(refused, {
    status: 503,
    body: { type: '/problems/overloaded', detail: 'another backup is on its way' },
  });
  t.equal(refused.headers.get('retry-after'), '5');
  socket.destroy();
  await eventually(async () => (await fetch(`${url}/backup`)).status === 200, 'the place is free again');
});

t.test('while the store is away it is the last that the daemon knew, without leases', async (t) => {
  const redis = await startRedis(t);
  const built = await build(t, { settings: { store: redis.url } });
  await fill(built, 1);
  const url = await built.app.listen();
  await redis.stop('SIGKILL');
  const { header, tiles } = await read(bytesOf(await fetch(`${url}/backup`)));
  t.match(header, { degraded: true, store: 'redis', counts: { leases: 0, tiles: 1000, compositors: 1 } });
  t.equal(tiles.size, 1000);
});
