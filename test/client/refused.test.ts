// What went wrong: a client whose token was refused asked again for ever, and told the page nothing but a line of text.
import t, { type Test } from 'tap';
import { connect, type ConnectOptions } from '../../src/client/connect.ts';
import { Refused } from '../../src/client/refused.ts';
import type { Problem } from '../../src/client/stream-link.ts';
import type { PublishProblem } from '../../src/client/publish.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';
import { follow, until } from './following.ts';
import { lyingServer } from './lying-server.ts';
import { published, reaches } from './publishing.ts';

const eye = tokenFor('eye', ['read']);
const wall = tokenFor('wall', ['write'], ['wall']);

async function start(t: Test) {
  const { app } = await build(t, { settings: { auth: [eye.entry, wall.entry] } });
  return app.listen();
}

/** Why a promise was rejected. */
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );

/** Counts the requests for each token, and goes on to the daemon. */
function counting() {
  const requests: string[] = [];
  const fetch: typeof globalThis.fetch = (input, init) => {
    requests.push(new Headers(init?.headers).get('authorization') ?? '-');
    return globalThis.fetch(input, init);
  };
  return { requests, fetch };
}

t.test('a token that is refused: it stops, and says why as an object', async (t) => {
  const url = await start(t);
  const { requests, fetch } = counting();
  const map = follow(t, { url, token: 'cmp_wrong', fetch, maxRetry: 10 });
  const problems: Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));
  const error = await reasonOf(map.ready);
  t.equal(map.state, 'refused');
  const details = {
    status: 401,
    type: '/problems/unauthorized',
    title: 'Authentication required',
    code: 'unauthorized',
    detail: /token/,
  };
  t.match(problems, [{ kind: 'refused', final: true, ...details }]);
  t.ok(error instanceof Refused);
  t.match(error, { ...details, name: 'Refused', message: /token/, fields: [] });
  map.setView('0,0,1,1');
  // Another connection has come and gone meanwhile.
  await until(follow(t, { url, token: eye.token }), ({ state }) => state === 'live');
  t.equal(requests.length, 1, 'it asks for nothing any more');
  map.close();
  t.equal(map.state, 'closed');
});

t.test('what is wrong in the request itself is final, and names the field', async (t) => {
  const url = await start(t);
  const map = follow(t, { url, token: () => eye.token, compositor: 'Not An Id' });
  const problems: Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));
  t.match(await reasonOf(map.ready), { status: 400, code: 'invalid-request' });
  t.match(problems, [{ final: true, errors: [{ in: 'query', field: 'compositor', detail: String }] }]);
});

t.test('what a proxy answers is a problem, too; 403 of anybody stops it, 502 does not', async (t) => {
  const server = await lyingServer(t, [
    (reply) => reply.writeHead(502).end('<html><h1>Bad\n  Gateway</h1></html>'),
    (reply) => reply.writeHead(200, { 'content-type': 'text/html' }).end('<p>another server</p>'),
    (reply) =>
      reply.writeHead(403, { 'content-type': 'application/json' }).end('{"errors":{"a":["b"]},"type":7}'),
  ]);
  const map = follow(t, { url: server.url, maxRetry: 10 });
  const problems: Problem[] = [];
  map.on('problem', (problem) => problems.push(problem));
  await until(map, ({ state }) => state === 'refused');
  t.match(problems, [
    { status: 502, type: 'about:blank', title: 'Bad Gateway', code: '', detail: 'Bad Gateway', errors: [] },
    { status: 200, detail: /^http.* answers with text\/html, not with a stream: is that a compositord\?$/ },
    { status: 403, title: 'Forbidden', detail: '403 Forbidden', errors: [], final: true },
  ]);
  t.equal(server.requests.length, 3);
});

t.test('where nobody listens and nobody waits, one line tells', async (t) => {
  const url = await start(t);
  const lines: unknown[] = [];
  t.intercept(console, 'error', { value: (line: unknown) => lines.push(line) });
  const silent = connect({ url });
  await until(silent, ({ state }) => state === 'refused').catch(() => undefined);
  t.match(lines, []);
  const unheard = connect({ url });
  t.teardown(() => unheard.close());
  while (unheard.state !== 'refused') await new Promise((resolve) => setImmediate(resolve));
  t.match(lines, [/^compositord: the subscription has stopped: 401 /]);
  const mute = published(t, url);
  while (mute.state !== 'refused') await new Promise((resolve) => setImmediate(resolve));
  t.match(lines[1], /^compositord: the compositor has stopped: 401 /);
});

t.test('it ends before it is ready', async (t) => {
  const map = connect({ url: 'http://127.0.0.1:1' } satisfies ConnectOptions);
  const { ready } = map;
  map.close();
  await t.rejects(ready, { message: 'the subscription was closed' });
  const offline = published(t, 'http://127.0.0.1:1');
  const late = offline.ready;
  await offline.close();
  await t.rejects(late, { message: 'the compositor is closed' });
});

t.test('it is ready when it is exact', async (t) => {
  const url = await start(t);
  const publication = published(t, url, { token: wall.token });
  t.equal(await publication.ready, publication);
  t.equal(publication.state, 'live');
  await publication.tiles({ '0,0': { brick: 'a' } });
  const map = follow(t, { url, token: eye.token });
  t.equal(await map.ready, map);
  t.equal(map.state, 'live');
  t.equal(map.tiles.get('0,0')?.brick, 'a');
});

t.test('a compositor that is refused ends, and what it wrote is rejected with the reason', async (t) => {
  const url = await start(t);
  const publication = published(t, url, { token: eye.token });
  const problems: PublishProblem[] = [];
  publication.on('problem', (problem) => problems.push(problem));
  t.match(await reasonOf(publication.tiles({ '0,0': { brick: 'a' } })), { status: 403, code: 'forbidden' });
  t.match(await reasonOf(publication.ready), { status: 403, title: 'Not allowed' });
  t.match(await reasonOf(publication.tiles({ '0,0': { brick: 'a' } })), { status: 403 });
  await reaches(publication, 'refused');
  t.match(problems, [{ kind: 'refused', status: 403, code: 'forbidden', final: true }]);
  const unnamed = published(t, url, { token: wall.token, id: 'wall', labels: { x: 7 } as never });
  t.match(await reasonOf(unnamed.ready), { status: 400, errors: [{ in: 'body', field: '/labels/x' }] });
});
