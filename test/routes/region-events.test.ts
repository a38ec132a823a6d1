// What each live way brings of a region: streams and long polls the region itself, as their view shows it; the socket of InfiniteMap
// nothing, since it has no word for it; over a link what the region keeps out is refused.
import t, { type Test } from 'tap';
import { ConformanceClient } from '../../src/conformance/conformance-client.ts';
import type { SseEvent } from '../../src/conformance/sse-parser.ts';
import { eventually } from '../failures/eventually.ts';
import { build } from '../support/build.ts';
import type { Json } from '../support/json.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';
import { TileClient } from '../support/tile-client.ts';

/** @param heartbeat seconds: by one a view in which nothing happens learns of the head. */
async function start(t: Test, heartbeat = 0.5) {
  const built = await build(t, {
    settings: { connect: { interval: 0.2 }, lease: { retention: 1, guard: 0 }, stream: { heartbeat } },
  });
  const url = await built.app.listen();
  const write = async (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, payload: Json = {}) =>
    (await built.inject({ method, url: path, payload })).json;
  for (const id of ['wall', 'desk']) await write('PUT', `/compositors/${id}`, { name: id, ttl: 3600 });
  return { ...built, url, write };
}

type Options = Partial<ConstructorParameters<typeof ConformanceClient>[0]>;

/** A reader that is exact, and the events that it has had since. */
async function reading(t: Test, url: string, options: Options = {}) {
  const events: SseEvent[] = [];
  const reader = new ConformanceClient({ url, ...options, onEvent: (event) => events.push(event) });
  t.teardown(() => reader.disconnect());
  reader.connect();
  await reader.until(({ copy }) => copy.exact);
  events.length = 0;
  return { reader, events, regions: () => [...reader.copy.regions.keys()] };
}

t.test('streams bring a region when it comes into view, with what it is, and when it goes', async (t) => {
  const { url, write, inject } = await start(t);
  const all = await reading(t, url);
  const part = await reading(t, url, { view: '9,9,50,50' });
  const apart = await reading(t, url, { view: '10,0,50,50' });
  const other = await reading(t, url, { compositors: ['desk'] });
  const areas = await reading(t, url, { view: '0,0,63,63', zoom: 4 });
  const readers = [all, part, apart, other, areas];
  const reach = async (cursor: string) => {
    for (const { reader, regions } of readers) {
      await reader.untilCursor(cursor);
      t.strictSame(reader.copy.violations, []);
      const { regions: served = {} } = (await inject(`/manifest${reader.query}`)).json;
      t.same(regions(), Object.keys(served as object), reader.query);
    }
  };
  const counts = () => readers.map(({ regions }) => regions().length);

  const made = await write('POST', '/regions', { compositor: 'wall', rect: '0,0,9,9', purpose: 'lobby' });
  await reach(made.cursor);
  t.same(counts(), [1, 1, 0, 0, 1]);
  t.match(all.reader.copy.regions.get(made.id), {
    rect: '0,0,9,9',
    compositor: 'wall',
    purpose: 'lobby',
    exclusive: true,
    ttl: 300,
    generation: made.lease.generation,
  });
  t.equal(all.events.filter(({ event }) => event === 'patch').length, 1);

  const late = await reading(t, url);
  t.same(late.regions(), [made.id], 'a new reader gets it with its snapshot');
  await write('PUT', `/regions/${made.id}/lease`);
  const gone = await write('DELETE', `/regions/${made.id}`);
  await reach(gone.cursor);
  t.same(counts(), [0, 0, 0, 0, 0]);
  t.equal(all.events.filter(({ event }) => event === 'patch').length, 2, 'a renewal brings nothing');
});

t.test('a compositor that goes takes its regions along in one event', async (t) => {
  const { url, write } = await start(t);
  await write('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'a' } });
  for (const rect of ['0,0,9,9', '20,20,29,29'])
    await write('POST', '/regions', { compositor: 'wall', rect });
  const { reader, events, regions } = await reading(t, url);
  t.equal(regions().length, 2);
  const { cursor } = await write('DELETE', '/compositors/wall');
  await reader.untilCursor(cursor);
  const [patch, ...more] = events.filter(({ event }) => event === 'patch');
  t.same(more, []);
  const {
    compositors,
    tiles,
    regions: ended,
  } = JSON.parse(patch!.data) as Record<string, Record<string, null>>;
  t.same({ compositors, tiles }, { compositors: { wall: null }, tiles: { '1,1': null } });
  t.same(Object.values(ended!), [null, null]);
});

t.test('a lease that runs out ends its region in an event of its own; its compositor stays', async (t) => {
  const { url, write } = await start(t);
  const { reader, regions } = await reading(t, url, { view: '0,0,9,9' });
  await write('POST', '/regions', { compositor: 'wall', rect: '5,5,6,6', ttl: 1 });
  await reader.until(() => regions().length === 1, 30_000, 'the region');
  await reader.until(() => regions().length === 0, 30_000, 'its end');
  t.match(reader.copy.compositors.get('wall'), { status: 'registered' });
});

t.test('a long poll brings it; the socket of InfiniteMap has no word for it', async (t) => {
  // On a busy machine half a second may pass before a socket is heard to answer.
  const { url, write, inject } = await start(t, 300);
  const socket = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  const { cursor } = (await inject('/manifest?view=0,0,0,0')).json;
  const poll = inject(`/manifest/changes?since=${cursor}&view=0,0,9,9&wait=20`);
  const { id } = await write('POST', '/regions', { compositor: 'wall', rect: '0,0,9,9' });
  t.match((await poll).json, { regions: { [id]: { compositor: 'wall' } } });
  await write('PATCH', '/compositors/desk/tiles', { '1,1': { brick: 'kept out' } });
  await write('PATCH', '/compositors/wall/tiles', { '1,1': { brick: 'in' } });
  await write('DELETE', `/regions/${id}`);
  await write('PATCH', '/compositors/desk/tiles', { '2,2': { brick: 'now' } });
  await socket.until(({ shown }) => shown['2,2'] === 'now', 'a tile after its end');
  t.same(
    socket.messages.filter(({ type }) => type !== 'heartbeat').map(({ type, brick }) => [type, brick]),
    [
      ['tile_update', 'in'],
      ['tile_update', 'now'],
    ],
  );
});

t.test('over a link the tiles that a region keeps out are refused, each as it was sent', async (t) => {
  const { url, write, inject } = await start(t);
  const { lease } = await write('PUT', '/compositors/tab', { name: 'Tab', ttl: 3600 });
  const tab = new DialingPeer(t);
  await tab.dial(`${url}/compositors/tab/link?generation=${lease.generation}`);
  const { id } = await write('POST', '/regions', { compositor: 'wall', rect: '0,0,9,9' });
  t.match(await tab.ask({ type: 'tiles', tiles: { '3,3': { brick: 'x' }, '50,50': { brick: 'x' } } }), {
    ok: false,
    problem: { type: '/problems/region-taken', status: 409, regions: [{ id, compositor: 'wall' }] },
  });
  const update = (x: number, brick: string) => ({ type: 'tile_update', x, y: 3, brick });
  tab.say(update(3, 'skipped'), update(30, 'set'));
  const tiles = async () => (await inject('/compositors/tab/tiles')).json as Record<string, object>;
  await eventually(async () => '30,3' in (await tiles()), 'the tile outside');
  t.same(Object.keys(await tiles()), ['30,3']);
  const health = async () => (await inject('/compositors/tab/health')).json;
  await eventually(async () => /region/.test(String((await health()).lastError)), 'its health says why');

  // A link renews the lease of its compositor, not those of its regions.
  const mine = await write('POST', '/regions', { compositor: 'tab', rect: '60,60,69,69', ttl: 1 });
  t.match(mine, { region: { compositor: 'tab' } });
  const held = async () => ((await inject('/regions?compositor=tab')).json.items as object[]).length;
  await eventually(async () => (await held()) === 0, 'it ran out');
  t.match((await inject('/compositors/tab')).json, { status: 'connected' });
});
