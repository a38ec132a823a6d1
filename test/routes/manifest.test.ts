import t from 'tap';
import { build, type Built } from '../support/build.ts';
import { writeTiles } from './write-tiles.ts';

const write = (built: Built, tiles: object, id = 'wall') => writeTiles(built, id, tiles);

t.test('the manifest, whole and in view, with validators', async (t) => {
  const built = await build(t);
  const { inject } = built;
  t.match(await inject('/manifest'), {
    status: 200,
    headers: { etag: '"0-00000000"', 'manifest-cursor': '0-00000000', 'cache-control': 'no-cache' },
    json: { revision: 0, committedAt: null, view: { rect: null, compositors: null } },
  });
  const cursor = await write(built, { '0,0': { brick: 'a' }, '50,50': { brick: 'b' } });
  await write(built, { '1,1': { brick: 'c' } }, 'door');

  const whole = await inject('/manifest');
  const etag = String(whole.headers['etag']);
  t.strictSame(Object.keys(whole.json.tiles).sort(), ['0,0', '1,1', '50,50']);
  for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await inject({ url: '/manifest', headers: { 'if-none-match': header } });
    t.match(
      again,
      { status: 304, text: '', headers: { etag, 'manifest-cursor': whole.json.cursor } },
      header,
    );
  }
  t.match(await inject({ url: '/manifest', headers: { 'if-none-match': `"${cursor}"` } }), { status: 200 });

  const view = await inject('/manifest?view=9,9,0,0&compositor=door');
  t.strictSame(Object.keys(view.json.tiles), ['1,1']);
  t.strictSame(Object.keys(view.json.compositors), ['door']);
  t.not(view.headers['etag'], etag, 'another view is another document');
  const both = await inject('/manifest?compositor=door&compositor=wall');
  t.equal(Object.keys(both.json.tiles).length, 3);
  const head = await inject({ method: 'HEAD', url: '/manifest' });
  t.match(head, { status: 200, text: '', headers: { etag, 'content-length': String(whole.text.length) } });
  t.match(await inject({ method: 'HEAD', url: '/manifest', headers: { 'if-none-match': etag } }), {
    status: 304,
  });
});

t.test('HEAD of a document that is sent in pieces named a length of 0', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const row = Array.from({ length: 4000 }, (_, i) => [`${i},0`, { brick: `a-brick-${i}.rts.png` }]);
  await write(built, Object.fromEntries(row) as Record<string, { brick: string }>);
  for (const url of ['/manifest?view=0,0,3999,0', '/api/region?x=0&y=0&w=4000&h=1'])
    for (const coding of ['identity', 'gzip']) {
      const headers = { 'accept-encoding': coding };
      const head = await inject({ method: 'HEAD', url, headers });
      t.match(head, { status: 200, text: '' });
      const length = head.headers['content-length'];
      t.ok(length === undefined || Number(length) > 0, `${url}, ${coding}: ${String(length)}`);
    }
});

t.test('time travel', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const before = await write(built, { '0,0': { brick: 'a' } });
  await write(built, { '0,0': { brick: 'b' } });
  const then = await inject(`/manifest?at=${before}`);
  t.match(then, {
    json: { cursor: before, tiles: { '0,0': { brick: 'a' } } },
    headers: { 'cache-control': /immutable/, 'manifest-cursor': before, etag: `"${before}"` },
  });
  const redirect = await inject('/manifest?revision=2&view=0,0,1,1');
  t.match(redirect, {
    status: 302,
    headers: { location: `/manifest?view=0,0,1,1&at=${before}`, 'cache-control': 'no-store' },
  });
  t.match((await inject(String(redirect.headers['location']))).json, { tiles: { '0,0': { brick: 'a' } } });
  t.match(await inject('/manifest?revision=99'), { status: 404 });
  const dead = await inject('/manifest?at=2-00000000');
  t.match(dead, { status: 410, json: { type: '/problems/cursor-gone', oldest: '0-00000000' } });
  // It said "is not in the history; it starts at 0-00000000", which nobody could understand.
  t.match(dead.json.detail, /is of another history: this one is at \d+-[0-9a-f]{8}/);
  t.equal(dead.headers['etag'], undefined);
});

t.test('atLeast is never older, and says when it cannot be', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const cursor = await write(built, { '0,0': { brick: 'a' } });
  t.match(await inject(`/manifest?atLeast=${cursor}`), { status: 200, json: { cursor } });
  t.match(await inject('/manifest?atLeast=1-00000000'), { status: 410 });
  const future = await inject('/manifest?atLeast=9-00000000');
  t.match(future, {
    status: 503,
    json: { type: '/problems/not-yet' },
    headers: { 'retry-after': '1' },
  });
});

t.test("InfiniteMap's file, under both its names, whatever the query", async (t) => {
  const built = await build(t);
  const { inject } = built;
  await write(built, { '3,-4': { brick: 'wall.rts.png', timestamp: 1700000000.5 } });
  for (const url of ['/manifest/tiles?t=123', '/builder/map/manifest.json?cachebust=1&view=x']) {
    const file = await inject(url);
    t.equal(file.text, '{"3,-4":{"brick":"wall.rts.png","timestamp":1700000000.5}}\n');
    const etag = String(file.headers['etag']);
    t.match(await inject({ url, headers: { 'if-none-match': etag } }), { status: 304 });
  }
});

t.test('changes since a cursor, at once or when there are some', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const first = await write(built, { '0,0': { brick: 'a' } });
  const second = await write(built, { '0,0': null, '1,1': { brick: 'b' } });
  const changes = await inject(`/manifest/changes?since=${first}`);
  t.match(changes.json, { since: first, cursor: second, compositors: {}, time: /Z$/ });
  t.equal(changes.json.tiles['0,0'], null);
  t.match(changes.json.tiles['1,1'], { brick: 'b', compositor: 'wall' });
  const upTo = await inject(`/manifest/changes?since=0-00000000&to=${first}&view=0,0,0,0`);
  t.match(upTo.json, { cursor: first, tiles: { '0,0': { brick: 'a' } } });
  t.match(await inject(`/manifest/changes?since=${second}&to=${first}`), { status: 400 });
  t.match(await inject('/manifest/changes?since=1-00000000'), { status: 410 });

  const waiting = inject(`/manifest/changes?since=${second}&wait=60&view=5,5,5,5`);
  await write(built, { '1,1': { brick: 'c' } });
  const third = await write(built, { '5,5': { brick: 'd' } });
  t.match(await waiting, { json: { cursor: third, tiles: { '5,5': { brick: 'd' } } } });
  const nothing = await inject(`/manifest/changes?since=${third}&wait=0.01`);
  t.match(nothing.json, { cursor: third, tiles: {} });
});

t.test('the history, in pages', async (t) => {
  const built = await build(t);
  const { inject } = built;
  const cursors = [];
  for (const brick of ['a', 'b', 'c']) cursors.unshift(await write(built, { '0,0': { brick } }));
  const first = await inject('/manifest/history?limit=2');
  t.match(first.json, {
    items: [
      { cursor: cursors[0], revision: 4, by: 'wall', origin: 'compositord', compositors: 0, tiles: 1 },
      { cursor: cursors[1] },
    ],
    next: cursors[1],
  });
  const [, next] = /<(.*)>; rel="next"/.exec(String(first.headers['link']))!;
  const second = await inject(next!);
  t.match(second.json, { items: [{ cursor: cursors[2] }, { revision: 1, compositors: 1 }], next: null });
  t.match(await inject('/manifest/history?after=3-00000000'), { status: 410 });
});
