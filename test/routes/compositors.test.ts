import t from 'tap';
import { build } from '../support/build.ts';

t.test('POST claims an id, PUT takes it over', async (t) => {
  const { inject } = await build(t);
  const post = (payload: object) => inject({ method: 'POST', url: '/compositors', payload });
  const first = await post({ name: 'Wall 1', instance: 'a', ttl: 60 });
  t.match(first, { status: 201, headers: { location: '/compositors/wall-1' }, json: { lease: { ttl: 60 } } });
  t.match(await post({ name: 'Wall 1' }), { status: 409, json: { type: '/problems/id-taken' } });
  const same = await post({ name: 'Wall 1', instance: 'a', ttl: 60 });
  t.match(same, { status: 200, json: { changed: 0, lease: { generation: first.json.lease.generation } } });

  const put = (payload: object) => inject({ method: 'PUT', url: '/compositors/wall-1', payload });
  const taken = await put({ name: 'Wall 1', instance: 'b' });
  t.match(taken, { status: 200, json: { changed: 1 } });
  t.not(taken.json.lease.generation, first.json.lease.generation);
  t.match(await put({ name: 'Wall 1', id: 'wall-2' }), { status: 400, json: { errors: [{ field: '/id' }] } });
  t.match(await put({ name: 'Wall 1', id: 'wall-1' }), { status: 200 });
});

t.test('a writer of an older generation is refused', async (t) => {
  const { inject } = await build(t);
  const register = () => inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall' } });
  const old = (await register()).json.lease.generation as string;
  const now = (await register()).json.lease.generation as string;
  const as = (generation: string) => ({ 'lease-generation': generation });
  const lost = { status: 409, json: { type: '/problems/lease-lost' } };
  const tiles = {
    method: 'PATCH',
    url: '/compositors/wall/tiles',
    payload: { '0,0': { brick: 'a' } },
  } as const;
  const lease = { method: 'PUT', url: '/compositors/wall/lease' } as const;
  t.match(await inject({ ...tiles, headers: as(old) }), lost);
  t.match(await inject({ ...lease, headers: as(old) }), lost);
  t.match(
    await inject({ method: 'PATCH', url: '/compositors/wall', headers: as(old), payload: { name: 'X' } }),
    lost,
  );
  t.match(await inject({ method: 'DELETE', url: '/compositors/wall', headers: as(old) }), lost);
  t.match(await inject({ ...tiles, headers: as(now) }), { status: 200 });
  t.match(await inject({ ...lease, headers: as(now) }), { status: 200, json: { republish: false } });
});

t.test('a merge patch changes what it names', async (t) => {
  const { inject } = await build(t);
  const payload = { name: 'Wall', platform: 'linux', labels: { room: 'lobby', floor: '2' } };
  await inject({ method: 'PUT', url: '/compositors/wall', payload });
  const change = (payload: object, type = 'application/json') =>
    inject({
      method: 'PATCH',
      url: '/compositors/wall',
      headers: { 'content-type': type },
      payload: JSON.stringify(payload),
    });
  const changed = await change(
    { platform: null, labels: { room: null, wing: 'east' } },
    'application/merge-patch+json',
  );
  t.strictSame(changed.json.compositor.labels, { floor: '2', wing: 'east' });
  t.notOk('platform' in changed.json.compositor);
  t.match(await change({ enabled: false }), { json: { changed: 1, compositor: { status: 'stopped' } } });
  t.match(await change({ enabled: false }), { json: { changed: 0 } });
  t.match(await change({ id: 'other' }), { status: 400, json: { errors: [{ field: '/id' }] } });
  t.match(await change({ name: null }), { status: 400, json: { errors: [{ field: '/name' }] } });
});

t.test('the list is filtered, in pages, and conditional', async (t) => {
  const { inject } = await build(t, { settings: { basePath: '/studio' } });
  for (const [id, platform, room] of [
    ['a', 'linux', 'lobby'],
    ['b', 'macos', 'lobby'],
    ['c', 'linux', 'hall'],
    ['d', 'linux', 'lobby'],
  ])
    await inject({
      method: 'PUT',
      url: `/studio/compositors/${id}`,
      payload: { name: id, platform, protocol: 'http', labels: { room, key: 'a=b' } },
    });
  const ids = async (query: string) => {
    const { json } = await inject(`/studio/compositors${query}`);
    return json.items.map((each: { id: string }) => each.id).join('');
  };
  t.equal(await ids(''), 'abcd');
  t.equal(await ids('?platform=linux'), 'acd');
  t.equal(await ids('?platform=linux&label=room=lobby'), 'ad');
  t.equal(await ids('?label=room=lobby&label=key=a%3Db'), 'abd');
  t.equal(await ids('?label=room=cellar'), '');
  t.equal(await ids('?status=stale'), '');
  t.equal(await ids('?protocol=http&status=registered'), 'abcd');

  const first = await inject('/studio/compositors?limit=2&platform=linux');
  t.match(first.json, { items: [{ id: 'a' }, { id: 'c' }], next: 'c' });
  const link = String(first.headers['link']);
  t.equal(link, '</studio/compositors?limit=2&platform=linux&after=c>; rel="next"');
  const second = await inject(/<(.*)>/.exec(link)![1]!);
  t.match(second.json, { items: [{ id: 'd' }], next: null });
  t.equal(second.headers['link'], undefined);

  const etag = String(first.headers['etag']);
  const again = await inject({
    url: '/studio/compositors?limit=2&platform=linux',
    headers: { 'if-none-match': `W/${etag}` },
  });
  t.match(again, { status: 304, text: '', headers: { etag } });

  const detailed = await inject('/studio/compositors?details=true&limit=1');
  t.match(detailed.json, { items: [{ id: 'a', tiles: 0, lease: { ttl: 30, expiresAt: /Z$/ } }], next: 'a' });
});

// A page of a thousand entries of 32 KiB was encoded and hashed in one go: for 300 ms nobody else was served.
t.test('a page of long entries ends early', async (t) => {
  const { inject } = await build(t);
  const labels = Object.fromEntries(
    Array.from({ length: 64 }, (_, i) => [`${i}-`.padEnd(60, 'k'), 'v'.repeat(250)]),
  );
  const ids = Array.from({ length: 60 }, (_, i) => `c${i}`);
  for (const id of ids)
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id, labels } });
  const listed: string[] = [];
  let pages = 0;
  for (let after = ''; ; pages++) {
    const { json, text } = await inject(`/compositors?limit=1000${after}`);
    t.ok(text.length < 512 * 1024, `${text.length} characters`);
    listed.push(...json.items.map(({ id }: { id: string }) => id));
    if (json.next === null) break;
    after = `&after=${json.next}`;
  }
  t.strictSame(listed, ids.toSorted());
  t.ok(pages > 0);
});

t.test('the list stays in order as compositors come and go', async (t) => {
  const { inject } = await build(t, { compositors: [{ id: 'm', name: 'M' }] });
  const listed = async (query = '') =>
    (await inject(`/compositors${query}`)).json.items.map(({ id }: { id: string }) => id).join('');
  t.equal(await listed(), 'm');
  for (const id of ['z', 'a', 'n', 'b'])
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id } });
  t.equal(await listed(), 'abmnz');
  await inject({ method: 'PATCH', url: '/compositors/b', payload: { name: 'B' } });
  await inject({ method: 'DELETE', url: '/compositors/a' });
  t.equal(await listed(), 'bmnz');
  t.equal(await listed('?after=c'), 'mnz', 'after an id that is not there');
  t.equal(await listed('?after=n'), 'z');
});

t.test('one compositor, with its lease and how many tiles it has', async (t) => {
  const { inject } = await build(t, { compositors: [{ id: 'listed', name: 'Listed' }] });
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Wall', ttl: 60 } });
  await inject({ method: 'PATCH', url: '/compositors/wall/tiles', payload: { '0,0': { brick: 'a' } } });
  const one = await inject('/compositors/wall');
  t.match(one, { status: 200, json: { id: 'wall', tiles: 1, lease: { ttl: 60, expiresAt: /Z$/ } } });
  const listed = await inject('/compositors/listed');
  t.match(listed.json, { id: 'listed', managedBy: 'compositord', tiles: 0 });
  t.notOk('lease' in listed.json);
  t.match(await inject('/compositors/nobody'), { status: 404, json: { type: '/problems/not-found' } });
  const head = await inject({ method: 'HEAD', url: '/compositors/wall' });
  t.match(head, { status: 200, text: '', headers: { 'manifest-cursor': String } });
  for (const method of ['PATCH', 'DELETE'] as const)
    t.match(await inject({ method, url: '/compositors/nobody', payload: {} }), { status: 404 });
});

t.test('a listed compositor cannot be registered or renewed', async (t) => {
  const { inject } = await build(t, { compositors: [{ id: 'listed', name: 'Listed' }] });
  const put = await inject({ method: 'PUT', url: '/compositors/listed', payload: { name: 'Me' } });
  t.match(put, { status: 409, json: { type: '/problems/id-taken' } });
  t.match(await inject({ method: 'PUT', url: '/compositors/listed/lease' }), { status: 404 });
});
