import t from 'tap';
import type { Test } from 'tap';
import { connect } from '../../src/client/connect.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { isExact, reached, until } from './following.ts';

/** A page of 20 by 20 tiles on a plane of 200 by 200, and what it asks of the network. */
async function page(t: Test, answerPatch: (go: () => Promise<Response>) => Promise<Response>) {
  const { app, inject } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  const cells = Array.from({ length: 2500 }, (_, i) => `${(i % 50) * 4},${Math.floor(i / 50) * 4}`);
  await wall.patch(Object.fromEntries(cells.map((cell) => [cell, { brick: `at ${cell}` }])));
  const requests: string[] = [];
  const map = connect({
    url,
    view: '0,0,19,19',
    fetch: (input, init) => {
      requests.push(init?.method ?? 'GET');
      const go = () => fetch(input, init);
      return init?.method === 'PATCH' ? answerPatch(go) : go();
    },
  });
  t.teardown(() => map.close());
  await reached(map, wall.cursor);
  const metric = async (name: string) =>
    Number(new RegExp(`^compositord_${name} (\\d+)$`, 'm').exec((await inject('/metrics')).text)?.[1]);
  const streams = () => requests.filter((method) => method === 'GET').length;
  return { app, url, wall, map, metric, streams };
}

t.test('panning over a grid of 100 views costs one connection', async (t) => {
  const { url, wall, map, metric, streams } = await page(t, (go) => go());
  const states: string[] = [];
  map.on('state', (state) => states.push(state));
  for (let row = 0; row < 10; row++) {
    for (let column = 0; column < 10; column++) {
      const [x, y] = [(row % 2 === 0 ? column : 9 - column) * 20, row * 20];
      map.setView([x, y, x + 19, y + 19]);
      if (column === 5) await wall.patch({ [`${x + 3},${y + 3}`]: { brick: 'new' }, [`${x},${y}`]: null });
      await until(map, ({ view }) => view === `${x},${y},${x + 19},${y + 19}`, 'the next view');
    }
  }
  await reached(map, wall.cursor);
  await isExact(t, map, url);
  t.equal(streams(), 1);
  t.equal(await metric('stream_view_changes_total'), 99);
  t.equal(await metric('stream_snapshots_total{reason="initial"}'.replace(/[{}]/g, '\\$&')), 1);
  t.strictSame(states, [], 'it was live all the time');
});

for (const [name, answer] of [
  ['refused', () => Promise.resolve(new Response('', { status: 403 }))],
  ['lost', () => Promise.reject(new TypeError('failed to fetch'))],
  [
    'done, and its answer lost',
    async (go: () => Promise<Response>) => {
      await go();
      throw new TypeError('failed to fetch');
    },
  ],
] as const)
  t.test(`a change of the view that is ${name}: a new stream takes over, exact as ever`, async (t) => {
    const { app, url, wall, map, streams } = await page(t, answer);
    map.setView('10,0,29,19');
    await until(map, ({ view }) => view === '10,0,29,19', 'the new view');
    await wall.patch({ '28,16': null, '0,0': null });
    await reached(map, wall.cursor);
    await isExact(t, map, url);
    t.ok(streams() >= 1 && streams() <= 2);
    await until(map, () => app.feed.readers === 1, 'one stream again');
  });
