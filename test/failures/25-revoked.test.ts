// FAILURES 25 (trust). A token that is revoked ends the streams that it opened within 5 s, also one on which nothing happens and
// one whose client does not read. No credential stands in a URL, in the log, or in an answer.
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { openStream } from '../../src/conformance/event-source.ts';
import { build } from '../support/build.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { authText, tokenFor } from '../support/tokens.ts';
import { filled } from './bulk.ts';
import { eventually } from './eventually.ts';

const eye = tokenFor('eye', ['read']);
const spy = tokenFor('spy', ['read']);
const boss = tokenFor('boss', ['admin']);
const all = { auth: [eye.entry, spy.entry, boss.entry], anonymous: [] };
const without = { auth: [eye.entry, boss.entry], anonymous: [] };

/** A stream; `ended` has the last event once it is over. */
async function follow(t: Test, url: string, headers: Record<string, string>) {
  const stream = await openStream({ url: `${url}/manifest/stream`, headers });
  t.teardown(() => stream.destroy());
  let synced: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (synced = resolve));
  const ended = (async () => {
    let last = '';
    for await (const item of stream) {
      if (item.type !== 'event') continue;
      last = `${item.event} ${item.data}`;
      if (item.event === 'synced') synced();
    }
    return last;
  })();
  return { stream, ready, ended };
}

t.test('a revoked token takes its idle streams with it, and nobody else', async (t) => {
  // No sign of life falls into the test: nothing but the revocation may end the stream.
  const { app } = await build(t, { settings: { ...all, stream: { heartbeat: 300 } } });
  const url = await app.listen();
  const login = await send('POST', `${url}/session`, { token: spy.token });
  const session = login.headers.get('set-cookie')!.split(';', 1)[0]!;
  const [spies, eyes, cookie] = await Promise.all([
    follow(t, url, spy.headers),
    follow(t, url, eye.headers),
    follow(t, url, { cookie: session }),
  ]);
  await Promise.all([spies.ready, eyes.ready, cookie.ready]);
  const poll = send(
    'GET',
    `${url}/manifest/changes?since=${app.replica.copy.head}&wait=9`,
    undefined,
    spy.headers,
  );
  await eventually(() => app.feed.readers === 3, 'all are there');

  app.tokens.replace(without);
  t.equal(app.feed.readers, 1, 'at once');
  t.equal(await spies.ended, 'bye {"reason":"unauthorized"}');
  t.equal(await cookie.ended, 'bye {"reason":"unauthorized"}', 'a session ends with its token');
  t.equal((await poll).status, 401, 'and so does a long poll');
  t.equal(
    (await openStream({ url: `${url}/manifest/stream`, headers: spy.headers })).status,
    401,
    'for good',
  );
  const wall = await send('PUT', `${url}/compositors/wall`, { name: 'Wall' }, boss.headers);
  t.equal(wall.status, 201);
  t.equal(eyes.stream.ending, undefined, 'the others go on');
});

t.test('a client that does not read the end is cut off', async (t) => {
  const { app } = await build(t, { settings: all });
  const url = await app.listen();
  await app.registry.register({ id: 'wall', name: 'Wall' }, 'take');
  await app.publisher.patch('wall', filled({ x: 0, y: 0, width: 100, height: 100, name: 'x'.repeat(200) }));
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.on('error', () => undefined);
  socket.write(
    `GET /manifest/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${spy.headers.authorization}\r\n\r\n`,
  );
  // Never read: the kernel's buffers fill, then the daemon's.
  await eventually(() => app.feed.readers === 1, 'it is there');
  const { server } = app.server;
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  t.equal(await connections(), 1);
  app.tokens.replace(without);
  t.equal(app.feed.readers, 0, 'it gets nothing more');
  await eventually(async () => (await connections()) === 0, 'its connection is cut');
});

t.test('credentials are nowhere but where they were sent', async (t) => {
  const { app, log } = await build(t, { settings: { ...all, log: { level: 'trace' } } });
  const url = await app.listen();
  const secret = 'cmp_hunter2-hunter2';
  const answers = await Promise.all([
    send('GET', `${url}/manifest`, undefined, { authorization: `Bearer ${secret}` }),
    send('GET', `${url}/manifest`, undefined, { cookie: `compositord=${secret}` }),
    send('GET', `${url}/manifest?access_token=${secret}`, undefined, eye.headers),
    send('GET', `${url}/nothing/${secret}?token=${secret}`),
    send('POST', `${url}/session`, { token: secret }),
    send('POST', `${url}/session`, { token: { secret } }),
    send('POST', `${url}/session`, { token: spy.token }),
    send('GET', `${url}/manifest`, undefined, spy.headers),
    send('PUT', `${url}/compositors/wall`, { name: 'Wall' }, spy.headers),
    send('GET', `${url}/compositors?limit=1`, undefined, boss.headers),
    send('GET', `${url}/openapi.json`),
    send('GET', `${url}/health`, undefined, boss.headers),
  ]);
  t.strictSame(
    answers.map(({ status }) => status),
    [401, 401, 400, 404, 401, 400, 204, 200, 403, 200, 200, 200],
  );
  const bodies = JSON.stringify(answers.map(({ body }) => body));
  const written = JSON.stringify(log);
  t.ok(log.length >= answers.length, 'every request left a line');
  for (const [where, text] of [
    ['answers', bodies],
    ['log', written],
  ] as const)
    for (const secretOf of [secret, eye.token, spy.token, boss.token, eye.entry.hash, spy.entry.hash])
      t.notMatch(text, secretOf, `${secretOf.slice(0, 12)}… in the ${where}`);
  t.match(written, /"principal":"spy"/, 'whose token it was is there');
});

t.test('by the configuration file of a running daemon', async (t) => {
  const dir = await temporaryFolder(t);
  const listed = (...known: (typeof eye)[]) =>
    writeFileSync(join(dir, 'compositord.yaml'), `daemon:\n  auth: ${authText(...known)}\n`);
  listed(eye, spy);
  const daemon = await startDaemon(t, { dir });
  const [spies, eyes] = [await follow(t, daemon.url, spy.headers), await follow(t, daemon.url, eye.headers)];
  await Promise.all([spies.ready, eyes.ready]);
  listed(eye);
  daemon.signal('SIGHUP');
  t.equal(await spies.ended, 'bye {"reason":"unauthorized"}');
  t.equal((await send('GET', `${daemon.url}/manifest`, undefined, spy.headers)).status, 401);
  t.equal((await send('GET', `${daemon.url}/manifest`, undefined, eye.headers)).status, 200);
  t.equal(eyes.stream.ending, undefined);
});

t.test('a reload that says nothing of tokens opens no door that others can reach', async (t) => {
  const { app, inject, config } = await build(t, { settings: { listen: { host: '0.0.0.0' }, ...all } });
  const settings = structuredClone(config.settings);
  delete settings.auth;
  await app.reload({ ...config, settings });
  t.match(await inject('/manifest'), { status: 401 });
});

// What went wrong: only `listen` was looked at. A file without tokens and without the legacy socket, taken over while that
// one went on listening for a network, let anybody read the map there.
t.test('nor at the legacy socket, which listens on until a restart', async (t) => {
  const legacySocket = { host: '0.0.0.0', port: await freePort() };
  const { app, inject, config } = await build(t, { settings: { legacySocket, ...all } });
  const settings = structuredClone(config.settings);
  delete settings.auth;
  delete settings.legacySocket;
  await app.reload({ ...config, settings });
  t.match(await inject('/manifest'), { status: 401 });
});
