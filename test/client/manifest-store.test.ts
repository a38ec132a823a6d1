// What the hook for React is made of, without React: test/examples/vite.test.ts has it with React, in a browser.
import t, { type Test } from 'tap';
import type { ConnectOptions } from '../../src/client/connect.ts';
import { ManifestStore, NOTHING, type Manifest } from '../../src/client/manifest-store.ts';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

/** A store that somebody listens to, and every moment of it. */
function listened(t: Test, options: ConnectOptions) {
  const store = new ManifestStore({ maxRetry: 50, ...options });
  const moments: Manifest[] = [];
  const end = store.subscribe(() => moments.push(store.get()));
  t.teardown(end);
  const until = (holds: (now: Manifest) => boolean, what: string) =>
    eventually(() => holds(store.get()), what, 30_000);
  return { store, moments, end, until };
}

t.test('each moment is whole, and stays as it is', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' }, '1,0': { brick: 'b' } });
  const { store, moments, until, end } = listened(t, { url });
  t.equal(store.get(), NOTHING);
  await until(({ state }) => state === 'live', 'life');
  const first = store.get();
  t.match(first, { cursor: wall.cursor, view: null, zoom: 0, problem: undefined });
  t.equal(store.get(), first, 'the same moment is the same object');
  t.equal(first.tiles.size, 2);
  t.ok(
    moments.every(({ tiles }) => tiles.size === 0 || tiles.size === 2),
    'no half of a snapshot',
  );
  await wall.patch({ '0,0': null });
  await until(({ tiles }) => tiles.size === 1, 'the removal');
  t.equal(first.tiles.size, 2, 'what was given does not change');
  t.equal(store.get().compositors, first.compositors, 'where nothing has changed it is the same map');
  end();
  await eventually(() => app.feed.readers === 0, 'without listeners there is no connection');
  const again = store.subscribe(() => moments.push(store.get()));
  const before = moments.length;
  t.teardown(again);
  await wall.patch({ '5,5': { brick: 'c' } });
  await until(({ tiles }) => tiles.has('5,5'), 'the next connection');
  t.ok(
    moments.slice(before).every(({ tiles }) => tiles.size > 0),
    'it keeps what it has until then',
  );
});

t.test(
  'another view moves the same stream; options that need another connection have another key',
  async (t) => {
    const { app } = await build(t);
    const url = await app.listen();
    const wall = await HttpPublisher.join(url, 'wall');
    await wall.patch({ '0,0': { brick: 'a' }, '9,9': { brick: 'b' } });
    let opened = 0;
    const fetch: typeof globalThis.fetch = (input, init) => {
      if (init?.method !== 'PATCH') opened += 1;
      return globalThis.fetch(input, init);
    };
    const { store, until } = listened(t, { url, fetch, view: '0,0,1,1', zoom: 0 });
    await until(({ tiles }) => tiles.has('0,0'), 'the first view');
    store.update({ url, fetch, view: [8, 8, 9, 9], zoom: 0 });
    await until(({ tiles }) => tiles.has('9,9') && !tiles.has('0,0'), 'the second view');
    t.equal(store.get().view, '8,8,9,9');
    store.update({ url, fetch, view: '8,8,9,9', zoom: 0 });
    store.update({ url, fetch, view: null, zoom: 4 });
    await until(({ areas }) => areas.has('0,0'), 'an overview');
    t.equal(store.get().tiles.size, 0);
    t.equal(opened, 1);

    const key = (options: Partial<ConnectOptions>) => ManifestStore.keyOf({ url, ...options });
    t.equal(key({ view: '0,0,1,1', token: () => 'a' }), key({ token: () => 'b' }));
    t.equal(key({ zoom: 0 }), key({ zoom: 3 }));
    for (const other of [{ zoom: 0 }, { token: 'a' }, { token: () => 'a' }, { compositor: 'wall' }])
      t.not(key(other), key({}), JSON.stringify(other));
    t.throws(() => new ManifestStore({} as ConnectOptions), { message: 'connect needs the option "url"' });
  },
);

t.test('a problem is there until it is over, and the latest function gives the token', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { app } = await build(t, { settings: { auth: [eye.entry] } });
  const url = await app.listen();
  const { store, until } = listened(t, { url, token: () => 'cmp_wrong' });
  await until(({ state }) => state === 'refused', 'the refused token');
  t.match(store.get().problem, { kind: 'refused', status: 401, code: 'unauthorized' });
  store.update({ url, token: async () => eye.token });
  await until(({ state }) => state === 'live', 'the next token');
  t.equal(store.get().problem, undefined);
});
