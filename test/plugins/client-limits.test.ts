import { connect } from 'node:net';
import t from 'tap';
import WebSocket from 'ws';
import { eventually } from '../failures/eventually.ts';
import { readOpening } from '../failures/opening.ts';
import { RawStream } from '../failures/raw-stream.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

const [one, two] = [tokenFor('one', ['read']), tokenFor('two', ['read'])];
const auth = [one.entry, two.entry];
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Sixty at once, of which a busy machine may let pass some more than ten. */
const burst = <T>(ask: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: 60 }, (_, i) => ask(i)));

t.test('requests beyond the rate of an address get 429, probes and streams never do', async (t) => {
  const { app, inject } = await build(t, { settings: { limits: { requests: 1 }, trustProxy: true } });
  const from = (address: string, url = '/manifest') =>
    inject({ url, headers: { 'x-forwarded-for': address } });
  const replies = await burst(() => from('192.0.2.1'));
  t.ok(replies.filter(({ status }) => status === 200).length >= 10, 'a burst is accepted');
  t.match(
    replies.find(({ status }) => status === 429),
    {
      headers: {
        'retry-after': '1',
        ratelimit: '"requests";r=0;t=1',
        'ratelimit-policy': '"requests";q=10;w=10',
      },
      json: { type: '/problems/rate-limited', status: 429 },
    },
  );
  t.equal((await from('192.0.2.2')).status, 200, 'another address');
  t.ok(
    (await burst(() => from('192.0.2.1', '/health/ready'))).every(({ status }) => status === 200),
    'probes',
  );
  const network = await burst((i) => from(`2001:db8::${i.toString(16)}`));
  t.ok(
    network.some(({ status }) => status === 429),
    'one network',
  );
  const url = await app.listen();
  const [, ...openings] = await Promise.all([
    burst(() => fetch(`${url}/problems`)),
    ...Array.from({ length: 20 }, () => readOpening(t, `${url}/manifest/stream`)),
  ]);
  for (const { stream } of openings) t.equal(stream.status, 200);
  t.ok(openings.some(({ names, reason }) => names === 'bye' && reason === 'rate-limited'));
  t.match((await from('192.0.2.9', '/metrics')).text, /limited_total\{limit="requests"\} \d/);
});

// What went wrong: the flood that a limit ended went on in the log, a line for each request.
t.test('requests that are too many have a line a second, not one each', async (t) => {
  const { inject, log } = await build(t, { settings: { limits: { requests: 1 } } });
  const began = performance.now();
  for (let i = 0; i < 4; i++) await burst(() => inject('/manifest'));
  const seconds = (performance.now() - began) / 1000;
  const lines = log.filter(({ problem }) => problem === 'rate-limited');
  t.ok(lines.length > 0 && lines.length <= seconds + 1, `${lines.length} lines in ${seconds.toFixed(1)} s`);
  t.match(lines[0], { status: 429, omitted: 0, address: '127.0.0.1' });
});

t.test('a token has one rate, from wherever it is used', async (t) => {
  const { inject } = await build(t, { settings: { limits: { requests: 1 }, trustProxy: true, auth } });
  const by = (token: string, i: number) =>
    inject({ url: '/manifest', headers: { ...bearer(token), 'x-forwarded-for': `192.0.2.${i}` } });
  const replies = await burst((i) => by(one.token, i));
  t.ok(replies.some(({ status }) => status === 429));
  t.equal((await by(two.token, 99)).status, 200);
});

t.test('one token cannot take every place for streams and sockets', async (t) => {
  const { app, config, inject } = await build(t, {
    settings: { auth, limits: { streams: 2 }, trustProxy: true },
  });
  const url = await app.listen();
  const { port } = config.settings.listen;
  const open = (token: string, address: string) => {
    const stream = new RawStream({
      port,
      path: `/manifest/stream HTTP/1.1\r\nAuthorization: Bearer ${token}\r\nX-Forwarded-For: ${address}\r\nX-Rest:`,
    });
    t.teardown(() => stream.destroy());
    return stream;
  };
  const first = open(one.token, '192.0.2.1');
  for (const stream of [first, open(one.token, '192.0.2.2')]) await stream.until('event: synced');
  const third = open(one.token, '192.0.2.3');
  await third.closed;
  t.match(third.text, /^HTTP\/1\.1 200 [^]*event: bye\ndata: {"reason":"too-many"}/);
  t.ok(third.wellFormed);
  await open(two.token, '192.0.2.3').until('event: synced');
  first.destroy();
  await eventually(() => app.feed.readers === 2, 'one is gone');
  await open(one.token, '192.0.2.3').until('event: synced');

  const socket = (token: string) => {
    const made = new WebSocket(`${url.replace('http', 'ws')}/manifest/socket`, { headers: bearer(token) });
    t.teardown(() => made.terminate());
    return made;
  };
  for (let i = 0; i < 2; i++)
    await new Promise((resolve) => void socket(one.token).once('message', resolve).once('open', resolve));
  const closed = await new Promise((resolve) =>
    socket(one.token).once('close', (code, reason) => resolve([code, String(reason)])),
  );
  t.strictSame(closed, [1013, 'too-many']);
  t.match(
    (await inject({ url: '/metrics', headers: bearer(two.token) })).text,
    /limited_total\{limit="streams"\} 1/,
  );
});

t.test('long polls of one client', async (t) => {
  const { app, inject } = await build(t, { settings: { limits: { polls: 2 } } });
  await inject({ method: 'PUT', url: '/compositors/w', payload: { name: 'w' } });
  const { cursor } = (await inject('/manifest')).json;
  const poll = (wait: number) => inject(`/manifest/changes?since=${cursor}&wait=${wait}`);
  const waiting = [poll(20), poll(20)];
  await new Promise((resolve) => setImmediate(resolve));
  t.match(await poll(20), { status: 429, headers: { 'retry-after': '5' } });
  t.equal((await poll(0)).status, 200, 'one that does not wait');
  await app.publisher.patch('w', new Map([['0,0', { brick: 'b' }]]));
  for (const reply of await Promise.all(waiting)) t.equal(reply.status, 200);
  t.equal((await poll(20)).status, 200, 'they are over');
});

t.test('connections of one address', async (t) => {
  const { app, config } = await build(t, { settings: { limits: { connections: 3 } } });
  await app.listen();
  const open = () => {
    const socket = connect(config.settings.listen.port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    t.teardown(() => socket.destroy());
    return socket;
  };
  const kept = [open(), open(), open()];
  const count = () =>
    new Promise<number>((resolve) => app.server.server.getConnections((_error, n) => resolve(n)));
  await eventually(async () => (await count()) === 3, 'three are open');
  const fourth = open();
  await eventually(() => fourth.closed, 'the fourth is closed');
  t.notOk(kept.some((socket) => socket.closed));
  kept[0]!.destroy();
  await eventually(async () => (await count()) === 2, 'one is gone');
  const next = open();
  next.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => next.once('data', resolve));
  t.pass('another comes in');
});
