// What everybody's stand-in of Geometry OS does, on our socket: what one browser or compositor says, all others hear.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { camera, droppedIn, hears, LITERAL, start } from './relay-world.ts';

t.test('what one browser says all others hear, as it said it, and it does not', async (t) => {
  const { browser } = await start(t);
  const [one, two, part] = [await browser(), await browser(), await browser('?view=0,0,9,9&compositor=desk')];
  one.send(camera(1));
  for (const other of [two, part]) await hears(other, camera(1));
  two.send(camera(2));
  for (const other of [one, part]) await hears(other, camera(2));
  t.strictSame(one.messages, [camera(2)], 'not its own');
  t.strictSame(part.messages, [camera(1), camera(2)]);
});

t.test('of all types that their parts send, and of those that the configuration names', async (t) => {
  const { browser } = await start(t, { settings: { relay: { types: ['roadmap_update'] } } });
  const [one, two] = [await browser(), await browser()];
  const messages = [
    { type: 'cognitive_update', data: { focus: ['3,-4'] } },
    { type: 'activation', data: { x: 3, y: -4, level: 0.5 } },
    { type: 'neural_state_update', data: [[0, 1]] },
    { type: 'token_visualization', data: { token: 'a' } },
    { type: 'WindowUpdate', id: 7, title: 'Ü' },
    { type: 'command_ack', command: 'pause', status: 'received' },
    { type: 'roadmap_update', data: {} },
  ];
  for (const message of messages) one.send(message);
  for (const unknown of [
    { type: 'who knows' },
    { type: 'tile_update', x: 0, y: 0, brick: 'x', timestamp: 1 },
    { type: ['camera_update'] },
    { type: '__proto__' },
    '{"type":"camera_update"',
  ])
    one.send(unknown);
  one.send(camera(1));
  await hears(two, camera(1));
  const byType = (all: readonly { type: string }[]) => all.toSorted((a, b) => (a.type < b.type ? -1 : 1));
  t.strictSame(byType(two.messages), byType([...messages, camera(1)]));
});

// What went wrong: 18446744073709551615 arrived as 18446744073709552000, which no u64 holds, and 1e400 as null.
t.test('others get the text of its sender, between browsers and compositors', async (t) => {
  const peer = await WsPeer.start(t);
  const { app, browser } = await start(t, {
    compositors: [{ id: 'wall', name: 'Wall', protocol: 'ws', address: peer.host, port: peer.port }],
  });
  await eventually(
    () => app.replica.copy.manifest.compositor('wall')?.status === 'connected',
    'it is connected',
  );
  const [one, two] = [await browser(), await browser()];
  const heard: string[] = [];
  peer.socket.on('message', (data: Buffer) => heard.push(data.toString()));
  peer.say({ type: 'command_ack' });
  await two.until(({ texts }) => texts.length === 1, 'the compositor takes part');
  for (const [i, text] of LITERAL.entries()) {
    one.send(text);
    await two.until(({ texts }) => texts.at(-1) === text, `${text} of a browser`);
    await peer.until(() => heard.at(-1) === text);
    peer.socket.send(text);
    for (const each of [one, two])
      await each.until(({ texts }) => texts.includes(text), `${text} of a compositor`);
    await two.until(({ texts }) => texts.length === 3 + 2 * i, `${text} of a compositor`);
  }
  one.send('{\n  "type": "camera_update",\r\n  "x": 1.0\n}');
  await two.until(
    ({ texts }) => texts.at(-1) === '{   "type": "camera_update",    "x": 1.0 }',
    'in one line',
  );
});

// Two readers of JSON may understand a name that is there twice in two ways: one would have taken this for a tile.
t.test('a message that gives its type twice goes to nobody', async (t) => {
  const { browser, inject } = await start(t);
  const [one, two] = [await browser(), await browser()];
  one.send('{ "type": "tile_update", "x": 1, "type": "camera_update" }');
  one.send('{ "type": "camera_update", "t\\u0079pe" : "camera_update" }');
  one.send(camera(1));
  await hears(two, camera(1));
  t.strictSame(two.messages, [camera(1)]);
  t.same(await droppedIn(inject), { 'camera_update invalid': 2 });
});

t.test(
  'a command of a browser reaches the compositors, and what they answer reaches the browsers',
  async (t) => {
    const peer = await WsPeer.start(t);
    const { app, browser, url, inject } = await start(t, {
      compositors: [{ id: 'wall', name: 'Wall', protocol: 'ws', address: peer.host, port: peer.port }],
    });
    const dialed = new DialingPeer(t);
    const { lease } = (
      await inject({ method: 'PUT', url: '/compositors/desk', payload: { name: 'Desk', ttl: 3600 } })
    ).json;
    await dialed.dial(`${url}/compositors/desk/link?generation=${lease.generation}`);
    const entry = (id: string) => app.replica.copy.manifest.compositor(id);
    await eventually(
      () => ['wall', 'desk'].every((id) => entry(id)?.status === 'connected'),
      'both are connected',
    );
    const [one, two] = [await browser(), await browser()];
    const command = { type: 'control_command', command: 'pause_roadmap', params: { by: 1 } };
    one.send(command);
    const isCommand = ({ type }: { type?: unknown }) => type === 'control_command';
    for (const compositor of [peer, dialed]) t.strictSame(await compositor.hears(isCommand), command);
    await hears(two, command);
    const ack = { type: 'command_ack', command: 'pause_roadmap', status: 'received', timestamp: 1 };
    peer.say(ack);
    for (const each of [one, two]) await hears(each, ack);

    // Who has spoken takes part: cameras go both ways. What compositors say stays with the browsers.
    one.send(camera(1));
    await peer.hears(({ x }) => x === camera(1).x);
    dialed.say({ type: 'heartbeat', timestamp: 1 });
    await dialed.hears(({ type }) => type === 'heartbeat');
    one.send(camera(2));
    await dialed.hears(({ x }) => x === camera(2).x);
    t.notOk(dialed.heard.some(({ type }) => type === 'command_ack'));
  },
);

t.test(
  '50,000 messages of one sender cost the others nothing: its last one arrives, and theirs',
  async (t) => {
    const { browser, inject } = await start(t);
    const [flood, one, two] = [await browser(), await browser(), await browser()];
    for (let n = 0; n < 50_000; n++) flood.send(camera(n));
    one.send({ type: 'activation', n: 1 });
    await two.until(({ messages }) => messages.some(({ type }) => type === 'activation'), 'another sender');
    await two.until(({ messages }) => messages.some(({ x }) => x === camera(49_999).x), 'the last', 60_000);
    const passed = Number(
      /relay_messages_total\{type="camera_update"\} (\d+)/.exec((await inject('/metrics')).text)?.[1],
    );
    t.ok(passed < 10_000, `${passed} were passed on`);
    t.same(await droppedIn(inject), { 'camera_update rate': 50_000 - passed }, 'and all others counted');
  },
);

t.test('a compositor that floods is thinned out as a browser is, and others are heard', async (t) => {
  const peers = [await WsPeer.start(t), await WsPeer.start(t)];
  const { app, browser, inject } = await start(t, {
    compositors: peers.map(({ host, port }, i) => ({
      id: `wall-${i}`,
      name: 'Wall',
      protocol: 'ws',
      address: host,
      port,
    })),
  });
  const isConnected = (i: number) =>
    app.replica.copy.manifest.compositor(`wall-${i}`)?.status === 'connected';
  await eventually(() => isConnected(0) && isConnected(1), 'both are connected');
  const watching = await browser();
  const part = await browser('?compositor=wall-1');
  for (let n = 0; n < 20_000; n++) peers[0]!.say(camera(n));
  peers[1]!.say({ type: 'camera_update', n: 'other' });
  for (const each of [watching, part])
    await each.until(({ messages }) => messages.some(({ n }) => n === 'other'), 'the other compositor');
  await watching.until(({ messages }) => messages.some(({ x }) => x === camera(19_999).x), 'the last');
  const dropped = (await droppedIn(inject))['camera_update rate'] ?? 0;
  t.ok(dropped > 15_000, `${dropped} of them were not passed on`);
  t.equal(part.of('camera_update').length, 1, 'and only where that compositor is in view');
});

t.test('a browser that does not read costs nothing, and hears the last of each when it does', async (t) => {
  const { browser } = await start(t);
  const [one, stalled, two] = [await browser(), await browser(), await browser()];
  stalled.socket.pause();
  const text = 'x'.repeat(4000);
  for (let n = 0; n < 2000; n++) one.send({ type: 'cognitive_update', n, text });
  await two.until(({ messages }) => messages.at(-1)?.['n'] === 1999, 'the last', 60_000);
  stalled.socket.resume();
  await stalled.until(({ messages }) => messages.at(-1)?.['n'] === 1999, 'the last, too');
});

t.test('commands arrive each, in order', async (t) => {
  const { browser } = await start(t);
  const [one, two] = [await browser(), await browser()];
  for (let n = 0; n < 60; n++) one.send({ type: 'control_command', command: 'step', n });
  await two.until(({ messages }) => messages.length === 60, 'all of them');
  t.same(
    two.messages.map(({ n }) => n),
    Array.from({ length: 60 }, (_, n) => n),
  );
});

t.test('heartbeats are answered in kind', async (t) => {
  const { browser } = await start(t);
  const answer = async (timestamp: unknown) => {
    const client = await browser();
    client.send({ type: 'heartbeat', timestamp });
    await client.until(({ messages }) => messages.length > 0, 'the answer');
    return client.messages[0]!['timestamp'] as number;
  };
  const milliseconds = await answer(Date.now());
  t.ok(Number.isInteger(milliseconds) && Math.abs(milliseconds - Date.now()) < 600_000, `${milliseconds}`);
  const seconds = await answer(1_234_567_890);
  t.ok(Number.isInteger(seconds) && Math.abs(seconds - Date.now() / 1000) < 600, `${seconds}`);
  const exact = await answer(1_700_000_000.5);
  t.ok(Math.abs(exact - Date.now() / 1000) < 600, `${exact}`);
});
