import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t from 'tap';
import { build, type Built } from '../support/build.ts';
import { checkFrame } from '../support/contract.ts';
import { openStream, type EventStream } from '../../src/conformance/event-source.ts';
import { rawRequest } from '../support/raw-request.ts';
import type { SseEvent } from '../../src/conformance/sse-parser.ts';

/** The events of a stream, each held to the contract, up to and with the first that `last` likes. */
async function until(stream: EventStream, last: (event: SseEvent) => boolean): Promise<SseEvent[]> {
  const events: SseEvent[] = [];
  for await (const item of stream) {
    if (!('event' in item)) continue;
    checkFrame(item.event, item.data);
    events.push(item);
    if (last(item)) break;
  }
  return events;
}

const named = (name: string) => (event: SseEvent) => event.event === name;
const names = (events: SseEvent[]) => events.map(({ event }) => event);

async function publish({ inject }: Built, brick: string): Promise<string> {
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', instance: '1' } });
  const { json } = await inject({
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '3,-4': { brick } },
  });
  return json.cursor as string;
}

t.test('a reader gets the map, then its changes, and resumes where it was', async (t) => {
  const built = await build(t);
  const url = `${await built.app.listen()}/manifest/stream`;
  const first = await publish(built, 'a');
  const stream = await openStream({ url, headers: { Origin: 'https://elsewhere.example' } });
  t.match(stream, { status: 200 });
  t.match(stream.headers, {
    'content-type': /^text\/event-stream/,
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'content-encoding': 'identity',
    'access-control-allow-origin': '*',
    'access-control-expose-headers': /ETag/,
    'transfer-encoding': 'chunked',
  });
  const start = await until(stream, named('synced'));
  t.strictSame(names(start), ['opened', 'snapshot', 'synced']);
  t.equal(start.at(-1)?.id, first);

  const resumed = await openStream({ url, lastEventId: first });
  const second = await publish(built, 'b');
  const events = await until(resumed, ({ id }) => id === second);
  t.notOk(names(events).includes('snapshot'));
  const patch = events.find(named('patch'));
  t.match(JSON.parse(patch?.data ?? ''), { tiles: { '3,-4': { brick: 'b' } } });

  const bySince = await openStream({ url: `${url}?since=${first}` });
  t.strictSame(names(await until(bySince, named('synced'))), ['opened', 'patch', 'synced']);
  const headerWins = await openStream({ url: `${url}?since=${first}`, lastEventId: second });
  t.strictSame(names(await until(headerWins, named('synced'))), ['opened', 'synced']);
});

t.test('a part of the map has a digest, too', async (t) => {
  const built = await build(t);
  const url = `${await built.app.listen()}/manifest/stream`;
  await publish(built, 'a');
  const digestOf = async (query: string) => {
    const events = await until(await openStream({ url: url + query }), named('synced'));
    return (JSON.parse(events.at(-1)!.data) as { digest: string | null }).digest;
  };
  const whole = await digestOf('');
  t.match(whole, /^1-/);
  t.equal(await digestOf('?view=3,-4,3,-4'), whole);
  t.equal(await digestOf('?view=4,-4,9,-4'), '0-00000000');
  t.equal(await digestOf('?compositor=nobody'), '0-00000000');
  t.equal(await digestOf('?zoom=3'), null, 'an overview has none');
});

t.test('a Last-Event-ID that is garbage leads to a snapshot, never to an error', async (t) => {
  const built = await build(t);
  const url = `${await built.app.listen()}/manifest/stream`;
  await publish(built, 'a');
  for (const lastEventId of [
    '0',
    '-1',
    '999-00000000',
    '9007199254740993-00000000',
    'e1:abc',
    '1-abc\u00ff',
    'x'.repeat(10_000),
    '0-00000000~@zz',
    '1-00000000, 2-00000000',
  ]) {
    const stream = await openStream({ url, lastEventId });
    const events = await until(stream, named('synced'));
    t.strictSame(
      [stream.status, ...names(events)],
      [200, 'opened', 'snapshot', 'synced'],
      lastEventId.slice(0, 30),
    );
  }
  const huge = rawRequest(
    built.app.server.listeningOrigin,
    `GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: ${'x'.repeat(1024 * 1024)}\r\n\r\n`,
  ).catch((error: unknown) => (error as NodeJS.ErrnoException).code);
  t.match(await huge, /^HTTP\/1.1 431|^ECONNRESET|^EPIPE/, 'a megabyte of it is too large');
  t.match(await built.inject('/health'), { status: 200 });
});

t.test('HTTP/1.0 gets bare frames, HEAD the head alone', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await publish(built, 'a');
  const old = connect(Number(new URL(url).port), '127.0.0.1');
  old.write('GET /manifest/stream HTTP/1.0\r\nHost: localhost\r\n\r\n');
  const text = await read(old, /event: synced\ndata: .*\n\n$/);
  old.destroy();
  t.match(text, /^HTTP\/1.1 200 OK\r\n/);
  t.notMatch(text, /transfer-encoding/i);
  t.match(text, /connection: close/i);
  t.match(text.split('\r\n\r\n')[1], /^: /, 'no chunk length');

  const head = await rawRequest(url, 'HEAD /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  t.match(head, /^HTTP\/1.1 200 OK\r\n/);
  t.match(head, /text\/event-stream/);
  t.match(head, /\r\n\r\n$/);
  t.match(await built.inject('/health'), { json: { readers: 0 } });
});

t.test('a stream behind a pipelined request begins when that one is answered', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  const cursor = await publish(built, 'a');
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const poll = `GET /manifest/changes?since=${cursor}&wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n`;
  socket.write(`${poll}GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await publish(built, 'b');
  const text = await read(socket, /event: synced/);
  socket.destroy();
  t.ok(text.indexOf('"brick":"b"') < text.indexOf('text/event-stream'), 'answers come in order');
});

t.test('a reader that vanishes leaves nothing behind', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  await publish(built, 'a');
  for (let i = 0; i < 20; i++) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.write('GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await read(socket, /event: synced/);
    socket.resetAndDestroy();
  }
  while (built.app.feed.readers > 0) await new Promise((resolve) => setImmediate(resolve));
  const ended = () => built.log.filter(({ msg }) => msg === 'stream ends').length;
  while (ended() < 20) await new Promise((resolve) => setImmediate(resolve));
  t.equal(ended(), 20);
  t.strictSame(
    built.log.filter(({ level }) => (level as number) > 40),
    [],
    'and is no error',
  );
});

t.test('garbage on a streaming connection ends it, without a second reply inside the first', async (t) => {
  const built = await build(t);
  const url = await built.app.listen();
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write('GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  let text = await read(socket, /event: synced/);
  socket.on('data', (piece) => (text += String(piece)));
  socket.write('this is no HTTP\r\n\r\n');
  await once(socket, 'close');
  t.equal(text.split('HTTP/1.1').length, 2);
});

t.test('the end: bye, a well-formed end, and idle connections hold nothing up', async (t) => {
  const built = await build(t, { settings: { shutdown: { grace: 5 } } });
  const url = await built.app.listen();
  await publish(built, 'a');
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  idle.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await read(idle, /uptime/);
  const streams = await Promise.all(
    Array.from({ length: 50 }, () => openStream({ url: `${url}/manifest/stream` })),
  );
  const all = Promise.all(
    streams.map(async (stream) => {
      const events = await until(stream, () => false);
      return [events.at(-1)?.event, stream.ending];
    }),
  );
  while (built.app.feed.readers < 50) await new Promise((resolve) => setImmediate(resolve));
  const poll = fetch(`${url}/manifest/changes?since=${built.app.replica.copy.head}&wait=0.3`);
  const began = performance.now();
  await new Promise((resolve) => built.app.server.server.once('request', resolve));
  await built.app.close();
  t.ok(performance.now() - began < 4000, 'long before the grace is over');
  t.strictSame([...new Set((await all).map(String))], ['bye,end']);
  t.equal((await poll).status, 200, 'what was in flight is answered');
  await t.rejects(fetch(`${url}/health`), 'nobody listens any more');
});

t.test('a stalled reader does not hold up the end beyond the grace', async (t) => {
  const built = await build(t, { settings: { shutdown: { grace: 1 } } });
  const url = await built.app.listen();
  await built.inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const tiles = Object.fromEntries(
    Array.from({ length: 9000 }, (_, i) => [`${i},0`, { brick: `a-long-name-of-a-brick-${i}.rts.png` }]),
  );
  const stalled = connect(Number(new URL(url).port), '127.0.0.1');
  stalled.on('error', () => undefined);
  stalled.pause();
  stalled.write('GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  while (built.app.feed.readers < 1) await new Promise((resolve) => setImmediate(resolve));
  for (let y = 0; y < 12; y++) {
    const payload = Object.fromEntries(Object.entries(tiles).map(([key, tile]) => [`${key}${y}`, tile]));
    await built.inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload });
  }
  const began = performance.now();
  await built.app.close();
  t.ok(performance.now() - began < 30_000);
  stalled.destroy();
});

/** What comes on `socket` up to a match. */
function read(socket: Socket, wanted: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const take = (piece: Buffer) => {
      text += piece.toString('latin1');
      if (!wanted.test(text)) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take);
    socket.once('error', reject);
  });
}
