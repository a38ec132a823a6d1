// Who is heard on the socket, and by whom: scopes, sessions, and pages of other sites.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';
import { tokenFor } from '../support/tokens.ts';
import { camera, droppedIn, hears, start } from './relay-world.ts';

t.test('it needs the scope relay, and for commands to compositors the scope command', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const voice = tokenFor('voice', ['read', 'relay']);
  const boss = tokenFor('boss', ['read', 'relay', 'command', 'write']);
  const hand = tokenFor('hand', ['write']);
  const auth = [eye, voice, boss, hand].map(({ entry }) => entry);
  const { app, browser, url, inject } = await start(t, { settings: { auth } });
  const dials = async (id: string, { headers }: typeof boss) => {
    const payload = { name: id, ttl: 3600 };
    const { json } = await inject({ method: 'PUT', url: `/compositors/${id}`, payload, headers });
    const peer = new DialingPeer(t);
    await peer.dial(`${url}/compositors/${id}/link?generation=${json.lease.generation}`, { headers });
    await eventually(
      () => app.replica.copy.manifest.compositor(id)?.status === 'connected',
      `${id} is connected`,
    );
    return peer;
  };
  const wall = await dials('wall', boss);
  const blind = await dials('blind', hand);
  const as = ({ headers }: typeof eye) => browser('', { headers });
  const [silent, speaking, commanding] = [await as(eye), await as(voice), await as(boss)];
  const command = (n: number) => ({ type: 'control_command', command: 'go', n });
  silent.send(camera(1));
  silent.send(command(1));
  speaking.send(command(2));
  for (const each of [silent, commanding]) await hears(each, command(2));
  commanding.send(command(3));
  await wall.hears(({ n }) => n === 3);
  t.notOk(
    wall.heard.some(({ n }) => n === 2),
    'without the scope command',
  );
  await hears(speaking, command(3));
  t.strictSame(speaking.messages, [command(3)], 'nothing of the one without the scope relay');
  t.same(await droppedIn(inject, eye.headers), { 'camera_update scope': 1, 'control_command scope': 1 });

  app.tokens.replace({
    auth: [...auth.filter(({ name }) => name !== 'voice'), { ...voice.entry, scopes: ['read'] }],
    anonymous: [],
  });
  speaking.send(camera(4));
  commanding.send(camera(5));
  await hears(silent, camera(5));
  t.notOk(
    silent.messages.some(({ x }) => x === camera(4).x),
    'a scope that is taken away is gone at once',
  );
  const ask = await blind.ask({ type: 'lease' });
  t.ok(ask['ok']);
  t.notOk(
    blind.heard.some(({ type }) => type === 'control_command'),
    'who may not read hears nobody',
  );
});

t.test('a session relays, if its token does', async (t) => {
  const voice = tokenFor('voice', ['read', 'relay']);
  const { browser, inject, url } = await start(t, { settings: { auth: [voice.entry] } });
  const signedIn = async () => {
    const reply = await inject({ method: 'POST', url: '/session', payload: { token: voice.token } });
    const cookie = String(reply.headers['set-cookie']).split(';', 1)[0]!;
    return browser('', { headers: { cookie }, origin: url });
  };
  const [one, two] = [await signedIn(), await signedIn()];
  one.send(camera(1));
  await hears(two, camera(1));
});

// Any page may read by default. One on the web would otherwise move the cameras of all who watch, and command their compositors.
t.test('a page of another site is not passed on; one of this machine is', async (t) => {
  const { browser, url, inject } = await start(t);
  const from = (origin: string) => browser('', { origin });
  const local = ['http://localhost:8000', 'http://127.0.0.1:3000', 'http://[::1]:5173', url];
  const foreign = ['https://evil.example', 'http://localhost.evil.example', 'null', 'file://'];
  const watching = await browser();
  for (const [n, origin] of [...foreign, ...local].entries()) (await from(origin)).send(camera(n));
  for (const n of local.keys()) await hears(watching, camera(foreign.length + n));
  t.equal(watching.messages.length, local.length);
  t.same(await droppedIn(inject), { 'camera_update scope': foreign.length });

  const listed = await start(t, { settings: { cors: { origins: ['https://map.example'] } } });
  const other = await listed.browser();
  (await listed.browser('', { origin: 'https://map.example' })).send(camera(1));
  await hears(other, camera(1));
});
