import type { Test } from 'tap';
import type { Endpoint } from '../../src/domain/connection-status.ts';
import type { RegistrationLimits } from '../../src/domain/registration-limits.ts';
import type { StaticCompositor } from '../../src/domain/registration.ts';
import type { TokenLimits } from '../../src/domain/token.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import type { Json } from '../support/json.ts';
import { tokenFor } from '../support/tokens.ts';
import type { StartPeer, TalkingPeer } from './connector-world.ts';

const operator = tokenFor('operator', ['read', 'write']);
const NOW = 1_700_000_000;
const LIMITS: TokenLimits = {
  compositors: ['wall'],
  view: { x1: 0, y1: 0, x2: 9, y2: 9 },
  quota: { tiles: 3 },
};

/** A daemon where `door` owns 1,1, and `wall`, connected, was registered by a token with these limits, or is static with others. */
async function connectedWall(
  t: Test,
  start: StartPeer<TalkingPeer>,
  by: { limits?: TokenLimits; scopes?: Parameters<typeof tokenFor>[1]; section?: RegistrationLimits },
) {
  const peer = await start(t);
  const { protocol, address, port } = peer.target;
  const endpoint: Endpoint = { protocol, address, ...(port !== undefined && { port }) };
  const tenant = tokenFor('tenant', by.scopes ?? ['write', 'connect']);
  const { inject, app } = await build(t, {
    settings: {
      auth: [operator.entry, { ...tenant.entry, ...by.limits }],
      connect: { interval: 0.2, allow: ['loopback'] },
    },
    compositors: by.section
      ? [{ id: 'wall', name: 'Wall', ...endpoint, limits: by.section } as StaticCompositor]
      : [],
  });
  const as =
    ({ headers }: typeof operator) =>
    async (method: 'GET' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: Json) =>
      inject({ method, url, headers, ...(payload !== undefined && { payload }) });
  const all = as(operator);
  await all('PUT', '/compositors/door', { name: 'Door' });
  await all('PATCH', '/compositors/door/tiles', { '1,1': { brick: 'door', timestamp: NOW } });
  if (!by.section) {
    const registered = await as(tenant)('PUT', '/compositors/wall', { name: 'Wall', ...endpoint } as Json);
    t.equal(registered.status, 201);
  }
  const wall = () => app.replica.copy.manifest.compositor('wall');
  await eventually(() => wall()?.status === 'connected', 'it is connected');
  const owner = (key: string) => app.replica.copy.manifest.tile(key)?.compositor;
  const lastError = async () => (await all('GET', '/compositors/wall')).json.health?.lastError as string;
  return { peer, endpoint, all, mine: as(tenant), wall, owner, lastError };
}

const update = (x: number, y: number, brick: string | null = 'wall', timestamp?: number) => ({
  type: 'tile_update',
  x,
  y,
  brick,
  ...(timestamp !== undefined && { timestamp }),
});
const tiles = (...keys: string[]) => ({
  type: 'tiles',
  tiles: Object.fromEntries(keys.map((key) => [key, { brick: 'wall' }])),
});
const refused = (kind: string) => ({ ok: false, problem: { type: `/problems/${kind}` } });

/**
 * What a compositor sends over its own connection is held to the limits of the token that registered it, or of its section.
 *
 * What went wrong: a limited token registered a compositor at a server of its own, and that one wrote, over its connection, to any
 * cell, over anyone's tiles and beyond every quota of the token.
 */
export function boundConnectionContract(t: Test, name: string, start: StartPeer<TalkingPeer>): void {
  t.test(`${name}: its rectangle, the tiles of others and its quota, tile by tile`, async (t) => {
    const { peer, owner, lastError } = await connectedWall(t, start, { limits: LIMITS });
    const ahead = Date.now() / 1000 + 200;
    peer.say(update(1, 1, 'wall', ahead), update(10, 0), update(0, 0));
    await eventually(() => owner('0,0') === 'wall', 'what is allowed is written');
    t.equal(owner('1,1'), 'door', 'nothing of others is taken');
    t.equal(owner('10,0'), undefined, 'nothing outside is written');
    t.match(await lastError(), /2 tiles refused/);
    peer.say(update(0, 1), update(0, 2), update(0, 3), update(0, 4));
    await eventually(async () => /token\.tiles is 3/.test(await lastError()), 'the quota is named');
    t.equal(owner('0,1'), undefined);
  });

  t.test(`${name}: the same in its requests, with the problems of the REST API`, async (t) => {
    const { peer, owner, all, wall } = await connectedWall(t, start, { limits: LIMITS });
    t.match(await peer.ask(tiles('0,0', '10,0')), refused('forbidden'));
    t.match(await peer.ask(tiles('0,0', '1,1')), refused('tile-taken'));
    t.match(await peer.ask(tiles('0,0', '0,1', '0,2', '0,3')), refused('quota-exceeded'));
    t.equal(owner('0,0'), undefined, 'nothing of them was done');
    t.match(await peer.ask(tiles('0,0', '0,1', '0,2')), { ok: true });
    t.match(await all('PATCH', '/compositors/wall/tiles', { '20,20': { brick: 'by the operator' } }), {
      status: 200,
    });
    t.match(await peer.ask({ type: 'leave' }), refused('forbidden'), 'with a tile that it may not remove');
    t.ok(wall());
  });

  t.test(
    `${name}: a registration over the connection keeps the limits, and gives no other address`,
    async (t) => {
      const { peer, endpoint, wall } = await connectedWall(t, start, {
        limits: LIMITS,
        scopes: ['write', 'connect'],
      });
      t.match(await peer.ask({ type: 'register', name: 'Great Wall', ttl: 60 }), { ok: true });
      t.match(wall(), {
        name: 'Great Wall',
        ...endpoint,
        limits: { compositors: ['wall'], view: '0,0,9,9', quota: { tiles: 3 }, scopes: ['connect'] },
      });
      t.match(await peer.ask(tiles('10,0')), refused('forbidden'));
    },
  );

  t.test(`${name}: with takeover it takes tiles over, and keeps none by a time ahead`, async (t) => {
    const { peer, all, owner } = await connectedWall(t, start, {
      limits: { compositors: ['wall'] },
      scopes: ['write', 'connect', 'takeover'],
    });
    peer.say(update(1, 1, 'wall', Date.now() / 1000 + 200));
    await eventually(() => owner('1,1') === 'wall', 'it is taken');
    t.match(await all('PATCH', '/compositors/door/tiles', { '1,1': { brick: 'door' } }), { status: 200 });
    t.equal(owner('1,1'), 'door');
  });

  t.test(`${name}: who registered without limits has none; who is limited and moves it, has`, async (t) => {
    const { peer, all, mine, owner, wall } = await connectedWall(t, start, {});
    t.match(await peer.ask(tiles('1,1', '99,99')), { ok: true });
    t.equal(owner('1,1'), 'wall');
    t.equal(wall()?.limits, undefined);
    t.match(await mine('PATCH', '/compositors/wall', { name: 'Mine' }), { status: 200 });
    t.match(await all('PATCH', '/compositors/wall', { labels: { a: 'b' } }), { status: 200 });
    t.equal(wall()?.limits, undefined);
  });

  t.test(`${name}: the limits of a section of the configuration`, async (t) => {
    const section = { compositors: ['wall'], view: '0,0,9,9', quota: { tiles: 2 } };
    const { peer, owner } = await connectedWall(t, start, { section });
    t.match(await peer.ask(tiles('10,0')), refused('forbidden'));
    t.match(await peer.ask(tiles('1,1')), refused('tile-taken'));
    t.match(await peer.ask(tiles('0,0', '0,1', '0,2')), refused('quota-exceeded'));
    t.match(await peer.ask(tiles('0,0', '0,1')), { ok: true });
    t.match(await peer.ask({ type: 'leave' }), { ok: true });
    t.equal(owner('0,0'), undefined);
  });
}
