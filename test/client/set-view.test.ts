import t from 'tap';
import type { Batch } from '../../src/client/subscription.ts';
import { filled } from '../failures/bulk.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { follow, hear, isExact, reached, until } from './following.ts';
import { lyingServer, stream } from './lying-server.ts';

t.test('a view that moves is the old one whole, and then the new one whole', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch(Object.fromEntries(filled({ x: 0, y: 0, width: 60, height: 60, name: 'w' })));
  const map = follow(t, { url, view: '0,0,19,19' });
  await reached(map, wall.cursor);
  const heard = hear(map);
  const batches: Batch[] = [];
  map.on('change', (batch) => batches.push(batch));

  map.setView('10,0,29,19');
  t.equal(map.view, '0,0,19,19', 'until the new one is there, the old one is shown');
  await until(map, ({ view }) => view === '10,0,29,19', 'the new view');
  t.equal(batches.length, 1, 'at once');
  t.strictSame([heard.removed.length, batches[0]?.tiles.length], [200, 400], 'only what differs');
  t.ok(heard.removed.every((key) => parseInt(key) < 10));
  t.strictSame(heard.states, [], 'and it was live all the time');
  await isExact(t, map, url);
  await wall.patch({ '29,19': null, '0,0': null });
  await reached(map, wall.cursor);
  await isExact(t, map, url);
  t.equal(app.feed.readers, 1, 'the old stream has ended');
});

t.test('a long pan while everything changes', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch(Object.fromEntries(filled({ x: 0, y: 0, width: 60, height: 40, name: 'w' })));
  const map = follow(t, { url, view: '0,0,9,9' });
  await reached(map, wall.cursor);
  let last = 0;
  map.on('change', ({ revision, exact }) => {
    t.ok(exact && revision >= last, 'every moment is exact, and none is older than the one before');
    last = revision;
  });
  const seen = new Set<string | null>();
  map.on('change', () => seen.add(map.view));
  for (let x = 1; x <= 40; x++) {
    map.setView([x, 0, x + 9, 9]);
    await wall.patch({ [`${x},0`]: { brick: `new ${x}` }, [`${x + 5},5`]: null });
  }
  map.setView(null);
  map.setView('40,0,49,9');
  await until(map, ({ view }) => view === '40,0,49,9', 'the end of the pan');
  await reached(map, wall.cursor);
  await isExact(t, map, url);
  t.ok(seen.size > 1, `it saw ${seen.size} views on the way`);
});

t.test('before anything is there, and back again', async (t) => {
  const { app } = await build(t);
  const url = await app.listen();
  const wall = await HttpPublisher.join(url, 'wall');
  await wall.patch({ '0,0': { brick: 'a' }, '9,9': { brick: 'b' } });
  const map = follow(t, { url, view: '0,0,1,1' });
  map.setView('9,9,9,9');
  await reached(map, wall.cursor);
  await until(map, ({ view }) => view === '9,9,9,9', 'the later view');
  await isExact(t, map, url);
  map.setView('0,0,1,1');
  map.setView('9,9,9,9');
  await wall.patch({ '9,9': { brick: 'c' } });
  await reached(map, wall.cursor);
  t.equal(map.tiles.get('9,9')?.brick, 'c');
  t.throws(() => map.setView('nowhere'), /view/);
  t.equal(map.view, '9,9,9,9');
});

// What went wrong: each move ended a first snapshot that was still coming in and began it anew. Who panned while a large map
// loaded saw nothing before standing still.
t.test('while the first snapshot comes in', async (t) => {
  const part = (id: string, key: string) => {
    const tile = { brick: key, compositor: 'wall', timestamp: 1 };
    return `id: ${id}\ndata: ${JSON.stringify({ compositors: {}, tiles: { [key]: tile } })}\n\n`;
  };
  let finish: (text: string) => void = () => undefined;
  const server = await lyingServer(t, [
    (reply) => {
      stream(`event: snapshot\n${part('7-00000007~', '0,0')}`)(reply);
      finish = (text) => reply.write(text);
    },
    (reply) => void reply.writeHead(200, { 'content-type': 'text/event-stream' }).write(':\n'),
  ]);
  const map = follow(t, { url: server.url, view: '0,0,9,9' });
  await until(map, ({ tiles }) => tiles.size === 1, 'the first part');
  map.setView('1,0,10,9');
  map.setView('2,0,11,9');
  finish(`event: patch\n${part('7-00000007', '1,0')}`);
  await until(map, ({ state }) => state === 'live', 'the first snapshot whole');
  t.equal(map.tiles.size, 2);
  t.equal(map.view, '0,0,9,9');
  t.equal(server.requests[0]?.destroyed, false);
});
