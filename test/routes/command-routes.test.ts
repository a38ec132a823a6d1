// Commands for compositors as they are: requests of their own HTTP API.
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { tokenFor } from '../support/tokens.ts';

const commands = {
  'terminal.spawn': { method: 'POST', path: '/api/terminal/spawn' },
  'terminal.resize': { method: 'POST', path: '/api/terminal/{id}/resize' },
};

/** A compositor that knows no /commands, and what it got. */
async function ownApi(t: Test): Promise<{ peer: HttpPeer; got: [string, unknown][] }> {
  const peer = await HttpPeer.start(t);
  const got: [string, unknown][] = [];
  peer.onRequest = async (request, response) => {
    got.push([`${request.method} ${request.url}`, JSON.parse((await text(request)) || 'null')]);
    response.end('{"success":true}');
  };
  return { peer, got };
}

async function registered(t: Test, peer: HttpPeer | WsPeer, more: object) {
  const { app, inject } = await build(t);
  const { protocol, address, port } = peer.target;
  const put = (payload: object) => inject({ method: 'PUT', url: '/compositors/wall', payload });
  const known = { name: 'Wall', protocol, address, port, ttl: 3600, ...more };
  t.match(await put(known), { status: 201 });
  await eventually(() => app.registry.get('wall')?.status === 'connected', 'wall is connected');
  return {
    app,
    inject,
    list: () => inject('/compositors/wall/commands'),
    command: (payload: object) => inject({ method: 'POST', url: '/compositors/wall/commands', payload }),
    change: (payload: object) => inject({ method: 'PATCH', url: '/compositors/wall', payload }),
  };
}

t.test('commands that it registers with', async (t) => {
  const { peer, got } = await ownApi(t);
  const { command, list, change } = await registered(t, peer, { commands });
  t.match(await command({ command: 'terminal.spawn', params: { rows: 24 } }), {
    status: 200,
    json: { ok: true, answer: { success: true } },
  });
  t.match(await command({ command: 'terminal.resize', params: { id: 7, rows: 2 } }), { json: { ok: true } });
  t.same(got, [
    ['POST /api/terminal/spawn', { rows: 24 }],
    ['POST /api/terminal/7/resize', { rows: 2 }],
  ]);
  t.match(await command({ command: 'reload' }), {
    status: 400,
    json: { type: '/problems/invalid-request', errors: [{ in: 'body', field: '/command' }] },
  });
  t.match(await command({ command: 'terminal.resize', params: {} }), {
    status: 400,
    json: { errors: [{ in: 'body', field: '/params/id' }] },
  });
  t.equal(got.length, 2, 'what is refused was not sent');
  const { json, headers } = await list();
  t.same(json, {
    commands: [
      { name: 'terminal.resize', method: 'POST', path: '/api/terminal/{id}/resize', params: ['id'] },
      { name: 'terminal.spawn', method: 'POST', path: '/api/terminal/spawn', params: [] },
    ],
    others: false,
  });
  t.ok(headers['etag']);

  t.match(await change({ commands: { reload: { method: 'PUT', path: '/reload' } } }), { status: 200 });
  t.match(await command({ command: 'reload' }), { json: { ok: true } });
  t.same(got.at(-1), ['PUT /reload', {}]);
  t.match(await change({ commands: null }), { status: 200, json: { compositor: { commands: undefined } } });
  t.match((await list()).json, { commands: [], others: true });
  t.match(
    await command({ command: 'reload' }),
    { json: { answer: { ran: 'reload' } } },
    'at /commands again',
  );
});

t.test('a program that is recognised by its health', async (t) => {
  const { peer, got } = await ownApi(t);
  peer.healthBody = { status: 'ok', backend: 'infinite_map_rs' };
  peer.info = undefined;
  const { command, list, inject } = await registered(t, peer, {});
  t.match((await inject('/compositors/wall')).json, { info: { backend: 'infinite_map_rs' } });
  t.match(await command({ command: 'terminal.destroy', params: { id: 3 } }), { json: { ok: true } });
  t.same(got.at(-1), ['DELETE /api/terminal/3', null]);
  t.ok((await list()).json.commands.some(({ name }: { name: string }) => name === 'synapse.signal'));
  t.match(await command({ command: 'reload' }), { status: 400, json: { detail: /it has scan, chunk/ } });
});

t.test('one that speaks the message protocol gets its commands as messages', async (t) => {
  const peer = await WsPeer.start(t);
  const { command, list } = await registered(t, peer, { commands });
  t.match(await command({ command: 'reload' }), { json: { ok: true, answer: { ran: 'reload' } } });
  t.match((await list()).json, { commands: [], others: true });
  peer.onCommand = () => {
    throw new Error('no such scene');
  };
  t.match((await command({ command: 'reload' })).json, { ok: false, error: 'no such scene' });
});

t.test('commands that are none, and who may not give any', async (t) => {
  const { app, inject } = await build(t);
  const register = (commands: unknown, headers = {}) =>
    inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', commands }, headers });
  for (const [wrong, field] of [
    [4, '/commands'],
    [{ a: 4 }, '/commands/a'],
    [{ a: { method: 'POST' } }, '/commands/a/path'],
    [{ a: { method: 'TRACE', path: '/x' } }, '/commands/a/method'],
    [{ a: { method: 'POST', path: '/x/../y' } }, '/commands/a/path'],
    [{ a: { method: 'POST', path: '//evil.example/x' } }, '/commands/a/path'],
    [{ a: { method: 'POST', path: '/x', more: 1 } }, '/commands/a/more'],
    [{ 'a b': { method: 'POST', path: '/x' } }, '/commands/a b'],
  ] as const)
    t.match(
      await register(wrong),
      { status: 400, json: { errors: [{ in: 'body', field }] } },
      JSON.stringify(wrong),
    );
  t.match(await inject('/compositors/nobody/commands'), { status: 404 });

  const limited = tokenFor('limited', ['read', 'write', 'command'], ['wall']);
  const full = tokenFor('full', ['admin']);
  app.tokens.replace({ auth: [limited.entry, full.entry], anonymous: [] });
  t.match(await register(commands, limited.headers), { status: 201 }, 'without an address they lead nowhere');
  const endpoint = { protocol: 'http', address: '192.0.2.1', port: 1 };
  const patch = (payload: object, { headers }: typeof full) =>
    inject({ method: 'PATCH', url: '/compositors/wall', payload, headers });
  t.match(await patch(endpoint, full), { status: 200 });
  t.match(await patch({ platform: 'linux' }, limited), { status: 200 });
  t.match(await patch({ commands: { reload: { method: 'DELETE', path: '/all' } } }, limited), {
    status: 403,
    json: { type: '/problems/forbidden', errors: [{ field: '/commands' }] },
  });
});
