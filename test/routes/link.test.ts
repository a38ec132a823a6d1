import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build, type BuildOptions } from '../support/build.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';
import { tokenFor } from '../support/tokens.ts';

async function start(t: Test, settings: BuildOptions['settings'] = {}) {
  const built = await build(t, { settings: { connect: { interval: 0.2 }, ...settings } });
  const url = await built.app.listen();
  const register = async (id: string, more: object = {}) => {
    const payload = { name: id, ttl: 3600, ...more };
    return (await built.inject({ method: 'PUT', url: `/compositors/${id}`, payload })).json.lease
      .generation as string;
  };
  const linkOf = (id: string, generation?: string) =>
    `${url}/compositors/${id}/link${generation === undefined ? '' : `?generation=${generation}`}`;
  const entry = async (id: string) => (await built.inject(`/compositors/${id}`)).json;
  const becomes = (id: string, status: string) =>
    eventually(async () => (await entry(id)).status === status, `${id} is ${status}`);
  return { ...built, url, register, linkOf, entry, becomes };
}

const update = (x: number, y: number, brick: string) => ({ type: 'tile_update', x, y, brick });

t.test('a compositor that dials in is connected, is shown with what it says, and publishes', async (t) => {
  const { register, linkOf, becomes, entry, inject } = await start(t);
  const generation = await register('wall');
  const wall = new DialingPeer(t);
  await wall.dial(linkOf('wall', generation));
  await becomes('wall', 'connected');
  t.match(await entry('wall'), { link: 'connected', info: { fps: 60 }, health: { state: 'connected' } });
  wall.say(update(3, -4, 'wall.rts.png'));
  const tiles = async () => (await inject('/compositors/wall/tiles')).json as Record<string, object>;
  await eventually(async () => '3,-4' in (await tiles()), 'its tile');
  const reply = await wall.ask({ type: 'tiles', tiles: { '3,-4': null, '1,1': { brick: 'b' } } });
  t.match(reply, { ok: true, body: { changed: 2, cursor: String } });
  t.strictSame(Object.keys(await tiles()), ['1,1']);
});

t.test('a command waits for a link that was just opened no longer than it may', async (t) => {
  const { register, linkOf, inject } = await start(t);
  const wall = new DialingPeer(t);
  wall.silence();
  const send = () =>
    inject({
      method: 'POST',
      url: '/compositors/wall/commands',
      payload: { command: 'zoom', timeout: 0.3 },
    });
  const generation = await register('wall');
  t.match(await send(), { status: 409, json: { detail: /has not dialed in/ } });
  await wall.dial(linkOf('wall', generation));
  t.match(await send(), { status: 409, json: { detail: /has just dialed in, and has not answered/ } });
  const waiting = send();
  wall.socket.terminate();
  t.match(await waiting, { status: 409, json: { type: '/problems/not-connected' } });
  t.strictSame(wall.commands, []);
});

t.test('commands go over it, and it is disconnected when it ends', async (t) => {
  const { register, linkOf, becomes, inject } = await start(t);
  const wall = new DialingPeer(t);
  wall.onCommand = ({ command, params }) => {
    if (command === 'fail') throw new Error('no such view');
    return { command, params };
  };
  const send = (command: string) =>
    inject({ method: 'POST', url: '/compositors/wall/commands', payload: { command, params: { by: 2 } } });
  await wall.dial(linkOf('wall', await register('wall')));
  await becomes('wall', 'connected');
  t.match(await send('zoom'), {
    status: 200,
    json: { ok: true, answer: { command: 'zoom', params: { by: 2 } } },
  });
  t.match(await send('fail'), { status: 200, json: { ok: false, answer: 'no such view' } });
  wall.socket.close(1000);
  await becomes('wall', 'disconnected');
  t.match(await send('zoom'), { status: 409, json: { type: '/problems/not-connected' } });
  t.match((await inject('/compositors/wall/health')).json, { state: 'disconnected' });
  await wall.dial(linkOf('wall'));
  await becomes('wall', 'connected');
  t.match(await send('zoom'), { status: 200, json: { ok: true } });
});

t.test(
  'a link is refused before it opens: of nobody, of an old generation, where there is an endpoint',
  async (t) => {
    const { register, linkOf, inject } = await start(t);
    const peer = new DialingPeer(t);
    const refused = (url: string, message: string) => t.rejects(peer.dial(url), { message });
    await refused(linkOf('nobody'), '404 not-found');
    const old = await register('wall');
    await register('wall');
    await refused(linkOf('wall', old), '409 lease-lost');
    await register('door', { protocol: 'ws', address: '127.0.0.1', port: 9 });
    await refused(linkOf('door'), '409 has-endpoint');
    await register('desk');
    await inject({ method: 'PATCH', url: '/compositors/desk', payload: { enabled: false } });
    await refused(linkOf('desk'), '409 not-connected');
    await refused(`${linkOf('wall')}?generation=`, '400 invalid-request');
    t.match(await inject('/compositors/wall/link'), {
      status: 400,
      json: { errors: [{ in: 'header', field: 'Upgrade' }] },
    });
  },
);

t.test('a second link replaces the first, and what the first was doing is done', async (t) => {
  const { register, linkOf, becomes, app } = await start(t);
  const generation = await register('wall');
  const first = new DialingPeer(t);
  const second = new DialingPeer(t);
  await first.dial(linkOf('wall', generation));
  await becomes('wall', 'connected');
  first.say({ type: 'tiles', id: 1, tiles: { '0,0': { brick: 'a' } } });
  await second.dial(linkOf('wall', generation));
  await first.until(() => first.ends.length > 0);
  t.strictSame(first.ends, ['4001 replaced']);
  t.match(await second.ask({ type: 'tiles', tiles: { '1,1': { brick: 'b' } } }), { ok: true });
  t.match(app.supervisor.connectorOf('wall') === undefined, false);
  const answered = first.heard.some(({ id }) => id === 1);
  t.equal(app.replica.copy.manifest.tile('0,0') !== undefined, answered, 'what was answered is written');
});

t.test('links are counted, and why they ended', async (t) => {
  const { register, linkOf, becomes, inject } = await start(t);
  const generation = await register('wall');
  const counted = async () => {
    const { text } = await inject('/metrics');
    const lines = [...text.matchAll(/^compositord_links(\S*) ([1-9]\d*)$/gm)];
    return Object.fromEntries(lines.map(([, name, value]) => [name, Number(value)]));
  };
  const peers = [new DialingPeer(t), new DialingPeer(t)];
  for (const peer of peers) await peer.dial(linkOf('wall', generation));
  await becomes('wall', 'connected');
  t.strictSame(await counted(), { '': 1, _opened_total: 2, '_ended_total{reason="replaced"}': 1 });
  peers[1]!.socket.close(4242, 'a code of its own');
  await becomes('wall', 'disconnected');
  const ended = { '_ended_total{reason="replaced"}': 1, '_ended_total{reason="closed"}': 1 };
  t.strictSame(await counted(), { _opened_total: 2, ...ended });
});

t.test('a link ends with its registration, its token, its place, and says why', async (t) => {
  const tenant = tokenFor('tenant', ['read', 'write'], ['w-*']);
  const operator = tokenFor('operator', ['admin']);
  const { app, inject, linkOf } = await start(t, { auth: [tenant.entry, operator.entry] });
  const as = (
    { headers }: typeof tenant,
    method: 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    payload?: object,
  ) => inject({ method, url, headers, ...(payload && { payload }) });
  const peers: Record<string, DialingPeer> = {};
  for (const id of ['w-left', 'w-taken', 'w-stopped', 'w-placed', 'w-revoked']) {
    await as(tenant, 'PUT', `/compositors/${id}`, { name: id });
    peers[id] = new DialingPeer(t);
    await peers[id].dial(linkOf(id), { headers: tenant.headers });
  }
  await as(operator, 'DELETE', '/compositors/w-left');
  await as(operator, 'PUT', '/compositors/w-taken', { name: 'twin' });
  await as(operator, 'PATCH', '/compositors/w-stopped', { enabled: false });
  await as(operator, 'PATCH', '/compositors/w-placed', { protocol: 'ws', address: '127.0.0.1', port: 9 });
  app.tokens.replace({ auth: [operator.entry], anonymous: [] });
  const ends: Record<string, string> = {};
  for (const [id, peer] of Object.entries(peers)) {
    await peer.until(() => peer.ends.length > 0);
    ends[id] = peer.ends.join();
  }
  t.strictSame(ends, {
    'w-left': '4404 not-found',
    'w-taken': '4409 lease-lost',
    'w-stopped': '4002 stopped',
    'w-placed': '4003 has-endpoint',
    'w-revoked': '1008 unauthorized',
  });
});

t.test(
  'who may open it: the token of that compositor, by header or by subprotocol, and no foreign page',
  async (t) => {
    const tenant = tokenFor('tenant', ['write'], ['wall']);
    const reader = tokenFor('reader', ['read']);
    const { inject, linkOf } = await start(t, { auth: [tenant.entry, reader.entry] });
    await inject({
      method: 'PUT',
      url: '/compositors/wall',
      headers: tenant.headers,
      payload: { name: 'Wall' },
    });
    const peer = new DialingPeer(t);
    const link = linkOf('wall');
    await t.rejects(peer.dial(link), { message: '401 unauthorized' });
    await t.rejects(peer.dial(link, { headers: reader.headers }), { message: '403 forbidden' });
    await t.rejects(peer.dial(linkOf('door'), { headers: tenant.headers }), { message: '403 forbidden' });
    const protocols = (token: string) => [
      'compositord.link',
      `compositord.bearer.${Buffer.from(token).toString('base64url')}`,
    ];
    await t.rejects(peer.dial(link, { protocols: protocols('wrong') }), { message: '401 unauthorized' });
    const ws = await peer.dial(link, { protocols: protocols(tenant.token) });
    t.equal(ws.protocol, 'compositord.link');
    await t.rejects(peer.dial(link, { headers: tenant.headers, origin: 'https://evil.example' }), {
      message: '403 forbidden',
    });
    t.match(await peer.ask({ type: 'tiles', tiles: { '0,0': { brick: 'a' } } }), { ok: true });
  },
);

t.test('while it lasts its lease is renewed; a registration over it keeps the generation', async (t) => {
  const { register, linkOf, entry } = await start(t);
  const generation = await register('wall', { ttl: 1 });
  const wall = new DialingPeer(t);
  await wall.dial(linkOf('wall', generation));
  const expiry = async () => Date.parse((await entry('wall')).lease.expiresAt);
  const first = await expiry();
  await eventually(async () => (await expiry()) > first + 2000, 'two TTLs more');
  const registered = await wall.ask({ type: 'register', name: 'Great Wall', ttl: 3600 });
  t.match(registered, { ok: true, body: { compositor: { name: 'Great Wall', generation } } });
  t.match(await wall.ask({ type: 'lease' }), { ok: true, body: { lease: { ttl: 3600, generation } } });
  t.match(await wall.ask({ type: 'leave' }), { ok: true });
  await wall.until(() => wall.ends.length > 0);
  t.strictSame(wall.ends, ['4404 not-found']);
});

t.test('on stop it is closed with 1001', async (t) => {
  const { app, register, linkOf } = await start(t);
  const wall = new DialingPeer(t);
  await wall.dial(linkOf('wall', await register('wall')));
  await app.close();
  await wall.until(() => wall.ends.length > 0);
  t.strictSame(wall.ends, ['1001 shutdown']);
});
