// A token that a function gives: at each connection, and instead of one that was refused.
import t from 'tap';
import { isStill, tokenOf } from '../../src/client/token.ts';
import type { Problem } from '../../src/client/stream-link.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';
import { loadVectors } from '../vectors/vectors.ts';
import { follow, hear, reached, until } from './following.ts';
import { lyingServer, stream } from './lying-server.ts';
import { published, reaches } from './publishing.ts';

const initial = Buffer.from(loadVectors().get('initial')!.bytes).toString();
const eye = tokenFor('eye', ['read']);
const next = tokenFor('next', ['read', 'write']);

t.test('each connection gets the token of its time', async (t) => {
  const server = await lyingServer(t, [
    (reply) => reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(initial),
    (reply) => reply.writeHead(200, { 'content-type': 'text/event-stream' }).end(initial),
    stream(initial),
  ]);
  let calls = 0;
  // The last of them with the newline of a file.
  const token = () => [`a`, Promise.resolve('b'), Promise.resolve('c\n')][calls++] ?? 'more';
  const map = follow(t, { url: server.url, token, maxRetry: 10 });
  await until(map, () => server.requests.length === 3, 'the third connection');
  t.strictSame(
    server.requests.map(({ headers }) => headers.authorization),
    ['Bearer a', 'Bearer b', 'Bearer c'],
  );
});

t.test('a token that was revoked: nothing is asked until there is another one', async (t) => {
  const { app } = await build(t, { settings: { auth: [eye.entry, next.entry] } });
  const url = await app.listen();
  const wall = published(t, url, { token: next.token });
  const first = await wall.tiles({ '0,0': { brick: 'a' } });
  const sent: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    sent.push(new Headers(init?.headers).get('authorization')!);
    return globalThis.fetch(input, init);
  };
  let token = eye.token;
  let calls = 0;
  const give = async () => {
    calls += 1;
    return token;
  };
  const map = follow(t, { url, fetch, maxRetry: 10, token: give });
  await reached(map, first.cursor);
  const heard = hear(map);
  app.tokens.replace({ auth: [next.entry], anonymous: [] });
  await until(map, ({ state }) => state === 'refused');
  const before = { sent: sent.length, calls };
  await eventually(() => calls > before.calls + 3, 'it looks for another token');
  t.equal(sent.length, before.sent, 'and sends the old one no more');
  t.equal(map.tiles.size, 1, 'the map is kept');
  token = next.token;
  await until(map, ({ state }) => state === 'live');
  const { cursor } = await wall.tiles({ '0,0': { brick: 'b' } });
  await reached(map, cursor);
  t.strictSame(heard.removed, []);
  t.equal(heard.problems.filter((kind) => kind === 'refused').length, 1);
});

t.test('a view that moves when the token is refused is shown with the next one', async (t) => {
  const { app } = await build(t, { settings: { auth: [eye.entry, next.entry] } });
  const url = await app.listen();
  await published(t, url, { token: next.token }).tiles({ '0,0': { brick: 'a' }, '9,9': { brick: 'b' } });
  let token = 'cmp_wrong';
  const map = follow(t, { url, maxRetry: 10, token: () => token, view: '0,0,1,1' });
  await until(map, ({ state }) => state === 'refused');
  map.setView('8,8,9,9');
  token = eye.token;
  await map.ready;
  await until(map, ({ view }) => view === '8,8,9,9');
  t.strictSame([...map.tiles.keys()], ['9,9']);
});

t.test('a function that fails is told, and called again', async (t) => {
  const { app } = await build(t, { settings: { auth: [eye.entry] } });
  const url = await app.listen();
  const results: (() => unknown)[] = [
    () => {
      throw new Error('no session');
    },
    () => Promise.reject(new Error('the identity provider is away')),
    () => 7,
    () => 'läuft nicht',
    () => eye.token,
  ];
  const token = () => results.shift()!() as string;
  const map = follow(t, { url, token, maxRetry: 10 });
  const problems: Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));
  await map.ready;
  t.match(problems, [
    { kind: 'token', detail: 'Error: no session' },
    { kind: 'token', detail: 'Error: the identity provider is away' },
    { kind: 'token', detail: /is a string, not of type number/ },
    { kind: 'token', detail: /has characters that cannot be sent/ },
  ]);
  t.notMatch(problems[3]?.detail, /läuft/, 'no part of a token is told');
});

t.test('a function that never answers is given up, and does not hold what is closed', async (t) => {
  const map = follow(t, {
    url: 'http://127.0.0.1:1',
    token: () => new Promise(() => undefined),
    watchdog: 50,
  });
  const heard = hear(map);
  await until(map, () => heard.problems.includes('silent'), 'the end of its time');
  map.close();
  t.equal(await tokenOf(undefined, AbortSignal.abort()), undefined);
  t.equal(await tokenOf('', AbortSignal.abort()), undefined);
  await t.rejects(
    tokenOf(() => new Promise(() => undefined), AbortSignal.abort(new Error('closed'))),
    /closed/,
  );
  t.equal(await isStill('a', () => new Promise(() => undefined), new AbortController(), 1), true);
});

t.test('a compositor whose token was refused goes on with the next', async (t) => {
  const { app } = await build(t, { settings: { auth: [next.entry] } });
  const url = await app.listen();
  let token = 'cmp_wrong';
  const wall = published(t, url, { token: async () => token });
  const written = wall.tiles({ '0,0': { brick: 'a' } });
  await reaches(wall, 'refused');
  token = next.token;
  t.match(await written, { changed: 1 });
  t.equal(wall.state, 'live');
  t.equal(app.replica.copy.manifest.tile('0,0')?.brick, 'a');
});
