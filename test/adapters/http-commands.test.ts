// Commands over HTTP as requests of the compositor's own API.
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import type { HttpCall } from '../../src/domain/http-call.ts';
import { connected, errorOf, soon } from '../contract/connector-world.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';

/** A compositor with an API of its own, and every request that it got there. */
async function withOwnApi(t: Test, answer: (request: string, response: ServerResponse) => void) {
  const peer = await HttpPeer.start(t);
  const got: { request: string; key: unknown; type: unknown; length: unknown; body: string }[] = [];
  peer.onRequest = async (message, response) => {
    const body = await text(message);
    const request = `${message.method} ${message.url}`;
    const { 'idempotency-key': key, 'content-type': type, 'content-length': length } = message.headers;
    got.push({ request, key, type, length, body });
    answer(request, response);
  };
  const { connector } = await connected(t, peer.target);
  return { peer, connector, got };
}

t.test('a command as a request of its own API', async (t) => {
  const { connector, got, peer } = await withOwnApi(t, (request, response) =>
    response.end(JSON.stringify({ request })),
  );
  const send = (call: HttpCall) =>
    connector.send({ id: 'k 1', command: 'x', params: 'unused', call }, soon());
  t.same(await send({ method: 'POST', path: '/api/a', body: { rows: 24 } }), { request: 'POST /api/a' });
  t.same(await send({ method: 'DELETE', path: '/api/a/1', body: { now: true } }), {
    request: 'DELETE /api/a/1',
  });
  t.same(await send({ method: 'DELETE', path: '/api/a/1' }), { request: 'DELETE /api/a/1' });
  t.same(await send({ method: 'GET', path: '/api/scan?x=1' }), { request: 'GET /api/scan?x=1' });
  const json = 'application/json';
  t.same(got, [
    { request: 'POST /api/a', key: '"k 1"', type: json, length: '11', body: '{"rows":24}' },
    { request: 'DELETE /api/a/1', key: '"k 1"', type: json, length: '12', body: '{"now":true}' },
    { request: 'DELETE /api/a/1', key: '"k 1"', type: undefined, length: undefined, body: '' },
    { request: 'GET /api/scan?x=1', key: '"k 1"', type: undefined, length: undefined, body: '' },
  ]);
  t.same(peer.commands, [], 'and none at /commands');
});

t.test('what comes of a request of its own API', async (t) => {
  const reply = { status: 200, type: 'application/json', body: '' };
  const { connector } = await withOwnApi(t, (_, response) =>
    response.writeHead(reply.status, { 'content-type': reply.type }).end(reply.body),
  );
  const call: HttpCall = { method: 'POST', path: '/api/terminal/7/resize?x=secret', body: {} };
  const send = (status: number, body: string, type = 'application/json') => {
    Object.assign(reply, { status, body, type });
    return connector.send({ id: 'a', command: 'x', call }, soon());
  };
  t.same(await send(200, '{"success":true}'), { success: true });
  t.equal(await send(201, ''), null);
  t.equal(await send(200, 'queued', 'text/plain; charset=utf-8'), 'queued');
  t.match(await errorOf(send(200, '{"success":false,"message":"File not\\nfound: a"}')), {
    kind: 'failed',
    answer: { success: false },
    reason: 'File not found: a',
  });
  t.match(await errorOf(send(422, 'missing field `rows`', 'text/plain')), {
    kind: 'failed',
    message: 'POST /api/terminal/7/resize answered 422',
    answer: 'missing field `rows`',
    reason: 'POST /api/terminal/7/resize answered 422: missing field `rows`',
  });
  t.match(await errorOf(send(405, '<html>', 'text/html')), {
    kind: 'failed',
    answer: undefined,
    reason: undefined,
  });
  t.match(await errorOf(send(200, '\x89PNG', 'image/png')), { kind: 'bad-answer' });
  t.match(await errorOf(send(302, '')), { kind: 'bad-answer', message: /redirects/ });
  const { reason = '' } = await errorOf(send(500, `"${'💥'.repeat(2000)}"`));
  t.ok(reason.length < 600 && !/\p{Cs}/u.test(reason), 'a long reason is cut, and between characters');
});

t.test('which program it is, as its health says, is part of what is known of it', async (t) => {
  const peer = await HttpPeer.start(t);
  peer.healthBody = { status: 'ok', backend: 'infinite_map_rs' };
  peer.info = undefined;
  const { connector } = await connected(t, peer.target);
  t.same((await connector.probe(soon())).info, { backend: 'infinite_map_rs' });
  peer.healthBody = { status: 'ok' };
  t.notOk('info' in (await connector.probe(soon())), 'another program listens there now');
  for (const backend of [4, '', 'a b', 'x'.repeat(65), { a: 1 }]) {
    peer.healthBody = { backend };
    t.notOk('info' in (await connector.probe(soon())), JSON.stringify(backend));
  }
  const talkative = await HttpPeer.start(t);
  talkative.healthBody = { backend: 'infinite_map_rs' };
  talkative.info = { text: 'x'.repeat(4080) };
  const other = await connected(t, talkative.target);
  t.same(
    (await other.connector.probe(soon())).info,
    { backend: 'infinite_map_rs' },
    'together they are too long',
  );
});
