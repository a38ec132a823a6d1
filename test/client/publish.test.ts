// The part of the client that makes a page or a program a compositor, against the real daemon.
import t, { type Test } from 'tap';
import type { PublishProblem } from '../../src/client/publish.ts';
import { LINK_ENDS } from '../../src/domain/link-end.ts';
import { eventually } from '../failures/eventually.ts';
import { build, type BuildOptions } from '../support/build.ts';
import { TileClient } from '../support/tile-client.ts';
import { tokenFor } from '../support/tokens.ts';
import { published, reaches } from './publishing.ts';

async function start(t: Test, settings: BuildOptions['settings'] = {}) {
  const built = await build(t, { settings: { connect: { interval: 0.2 }, ...settings } });
  const url = await built.app.listen();
  const { manifest } = built.app.replica.copy;
  const owned = (id = 'wall') => [...manifest.tilesOf(id)].sort();
  const entry = (id = 'wall') => manifest.compositor(id);
  return { ...built, url, manifest, owned, entry };
}

t.test('it registers, publishes what is durable when it says so, handles commands, and leaves', async (t) => {
  const { url, owned, entry, inject, app } = await start(t);
  const wall = published(t, url, { name: 'Wall', labels: { room: 'lobby' }, ttl: 30 });
  wall.onCommand('zoom', (params) => ({ zoomed: params }));
  wall.onCommand('*', (_, { name }) => {
    throw new Error(`no ${name} here`);
  });
  const first = await wall.tiles({ '0,0': { brick: 'a' }, '1,0': { brick: 'b' } });
  t.match(first, { changed: 2, cursor: app.replica.copy.head });
  t.strictSame(owned(), ['0,0', '1,0']);
  t.match(await wall.tiles({ '0,0': null }), { changed: 1 });
  t.match(entry(), { name: 'Wall', labels: { room: 'lobby' }, ttl: 30, generation: wall.generation });
  wall.send({ type: 'status', fps: 60 });
  await eventually(() => entry()?.status === 'connected', 'it is connected');
  const send = (command: string) =>
    inject({ method: 'POST', url: '/compositors/wall/commands', payload: { command, params: 2 } });
  t.match(await send('zoom'), { json: { ok: true, answer: { zoomed: 2 } } });
  t.match(await send('dance'), { json: { ok: false, answer: 'no dance here' } });
  await wall.close();
  t.equal(entry(), undefined);
  t.equal(wall.state, 'closed');
  await t.rejects(wall.tiles({ '0,0': null }), { message: 'the compositor is closed' });
});

// What went wrong: 409, "has not dialed in", until the first health check had passed.
t.test('it takes commands from the moment it is live, and again after a cut', async (t) => {
  const { app, url, inject } = await start(t);
  const wall = published(t, url);
  wall.onCommand('zoom', (params) => params);
  for (let n = 0; n < 3; n++) {
    await reaches(wall, 'live');
    const send = () =>
      inject({ method: 'POST', url: '/compositors/wall/commands', payload: { command: 'zoom', params: n } });
    for (const { status, json } of await Promise.all([send(), send()]))
      t.match({ status, json }, { status: 200, json: { ok: true, answer: n } });
    app.supervisor.endLinks();
    await reaches(wall, 'connecting');
  }
});

t.test('it hears what those who watch say, and they hear it', async (t) => {
  const { url, entry } = await start(t);
  const wall = published(t, url);
  const heard: unknown[] = [];
  wall.on('message', (message) => heard.push(message));
  await eventually(() => entry()?.status === 'connected', 'it is connected');
  const browser = await TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);
  const command = { type: 'control_command', command: 'pause' };
  browser.send(command);
  await eventually(() => heard.length > 0, 'the command');
  wall.send({ type: 'camera_update', x: 1 });
  await browser.until(({ messages }) => messages.length > 0, 'its camera');
  t.strictSame(browser.messages, [{ type: 'camera_update', x: 1 }]);
  const camera = { type: 'camera_update', x: 2 };
  browser.send(camera);
  await eventually(() => heard.length > 1, 'the camera of the other');
  t.strictSame(heard, [command, camera], 'replies and heartbeats are not among them');
});

t.test('what an earlier run has left goes when the next begins', async (t) => {
  const { url, owned, entry } = await start(t);
  const before = published(t, url);
  await before.tiles({ '0,0': { brick: 'old' } });
  await before.close({ leave: false });
  t.ok(entry(), 'it stays, until its lease has run out');
  const after = published(t, url);
  await after.tiles({ '1,1': { brick: 'new' } });
  t.strictSame(owned(), ['1,1']);
});

t.test('cut off, it comes back, and writes what was not answered', async (t) => {
  const { app, url, owned } = await start(t);
  const wall = published(t, url);
  await wall.tiles({ '0,0': { brick: 'a' } });
  const { generation } = wall;
  for (let i = 1; i <= 5; i++) {
    const written = wall.tiles({ [`${i},0`]: { brick: 'b' } });
    app.supervisor.endLinks();
    const meanwhile = wall.tiles({ [`${i},1`]: { brick: 'c' } });
    await Promise.all([written, meanwhile]);
  }
  t.equal(owned().length, 11);
  t.equal(wall.generation, generation, 'it is the same registration');
});

t.test('forgotten, it registers again and publishes all that it shows', async (t) => {
  const { url, owned, inject } = await start(t);
  const wall = published(t, url);
  for (let y = 0; y < 3; y++)
    await wall.tiles(
      Object.fromEntries(Array.from({ length: 1000 }, (_, x) => [`${x},${y}`, { brick: `b${y}` }])),
    );
  await wall.tiles({ '0,0': null });
  const { generation } = wall;
  await inject({ method: 'DELETE', url: '/compositors/wall' });
  await eventually(() => owned().length === 2999, 'all but the one that it removed');
  t.not(wall.generation, generation);
});

t.test('another run takes it over: it ends and says so', async (t) => {
  const { url, inject } = await start(t);
  const wall = published(t, url);
  const problems: PublishProblem[] = [];
  wall.on('problem', (problem) => problems.push(problem));
  await wall.tiles({ '0,0': { brick: 'a' } });
  await inject({ method: 'PUT', url: '/compositors/wall', payload: { name: 'Twin' } });
  await reaches(wall, 'taken');
  t.match(problems, [{ kind: 'taken' }]);
  await t.rejects(wall.tiles({ '0,0': null }), { message: /^the compositor is taken: / });
});

t.test('what the rules refuse is rejected, alone; and it is not published again', async (t) => {
  const { url, owned, inject, app } = await start(t);
  await inject({ method: 'PUT', url: '/compositors/door', payload: { name: 'Door' } });
  const theirs = { '5,5': { brick: 'theirs', timestamp: Date.now() / 1000 + 200 } };
  await inject({ method: 'PATCH', url: '/compositors/door/tiles', payload: theirs });
  const wall = published(t, url);
  const all = ['0,0', '5,5', '1,1'].map((key) => wall.tiles({ [key]: { brick: 'mine' } }));
  const bad = wall.tiles({ x: { brick: 'mine' } });
  t.match(
    (await Promise.allSettled(all)).map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  await t.rejects(all[1]!, { name: 'Refused', status: 409, code: 'tile-taken', fields: ['/5,5'] });
  await t.rejects(bad, { status: 400, code: 'invalid-request' });
  t.strictSame(owned(), ['0,0', '1,1']);
  // The door takes one over while the wall is unknown: the rest comes back all the same.
  await app.registry.leave('wall');
  await inject({
    method: 'PATCH',
    url: '/compositors/door/tiles',
    payload: { '1,1': { brick: 'theirs', timestamp: Date.now() / 1000 + 200 } },
  });
  await eventually(() => owned().join() === '0,0', 'what is not taken');
});

t.test('a flood that nobody waits for arrives whole, in order, and in few commits', async (t) => {
  const { url, manifest, app } = await start(t);
  const wall = published(t, url);
  await wall.tiles({ '0,0': { brick: 'first' } });
  const before = parseInt(app.replica.copy.head);
  const all = Array.from({ length: 20_000 }, (_, i) => wall.tiles({ [`${i % 100},0`]: { brick: `b${i}` } }));
  t.ok((await Promise.all(all)).every(({ changed }) => changed === 1));
  for (let x = 0; x < 100; x++) t.equal(manifest.tile(`${x},0`)?.brick, `b${19_900 + x}`);
  const commits = parseInt(app.replica.copy.head) - before;
  t.ok(commits < 2000, `${commits} commits`);
});

t.test('with a token, as a page gives it', async (t) => {
  const tenant = tokenFor('tenant', ['write'], ['wall']);
  const { url, owned } = await start(t, { auth: [tenant.entry] });
  const wall = published(t, url, { token: tenant.token });
  await wall.tiles({ '0,0': { brick: 'a' } });
  t.strictSame(owned(), ['0,0']);
});

t.test('another link of the same registration replaces it: it says so, and comes back', async (t) => {
  const { url, app } = await start(t);
  const wall = published(t, url);
  await reaches(wall, 'live');
  const problem = new Promise<PublishProblem>((resolve) => wall.on('problem', resolve));
  // As another replica asks for it.
  const { replaced } = LINK_ENDS;
  await app.peerBus.request(
    app.peerBus.self,
    'supervisor.link-moved',
    { id: 'wall' },
    AbortSignal.timeout(5000),
  );
  t.match(await problem, { kind: 'replaced', detail: `the link ended: ${replaced.code} ${replaced.reason}` });
  await wall.tiles({ '0,0': { brick: 'a' } });
});
