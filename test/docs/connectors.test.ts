// The messages of docs/connectors.md, said to a real connector: each must be understood.
import { readFile } from 'node:fs/promises';
import t from 'tap';
import { connected, soon } from '../contract/connector-world.ts';
import { eventually } from '../failures/eventually.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import type { Message } from '../support/peers/ws-talk.ts';

const page = await readFile(new URL('../../docs/connectors.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```json\n(.*?)^```/gms)].flatMap(([, lines]) =>
  lines!
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Message),
);

t.test('what a compositor says is understood, and what it hears is what the page shows', async (t) => {
  const peer = await WsPeer.start(t);
  peer.info = undefined;
  const { connector, odd, tiles, relayed, requests } = await connected(t, peer.target);
  const ofDaemon = (message: Message) =>
    message['type'] === 'command' ||
    message['type'] === 'control_command' ||
    (message['type'] === 'reply' && typeof message['id'] === 'number');
  const replies = examples.filter((message) => message['type'] === 'reply' && !ofDaemon(message));
  peer.say(...examples.filter((message) => !ofDaemon(message) && message['type'] !== 'reply'));
  await eventually(() => requests.length === 4, 'all requests');
  t.strictSame([...tiles.keys()], ['3,-4']);
  t.equal(relayed.length, 3);
  t.strictSame((await connector.probe(soon())).info, { name: 'Wall', fps: 60 });
  await peer.hears(({ type }) => type === 'heartbeat');

  const command = examples.find(({ type }) => type === 'command')!;
  for (const reply of replies) {
    peer.onCommand = () => new Promise(() => undefined);
    const id = String(Math.random());
    const answer = connector.send(
      { id, command: String(command['command']), params: command['params'] },
      soon(),
    );
    await peer.until(() => peer.commands.some((heard) => heard.id === id));
    peer.say({ ...reply, id });
    if (reply['ok'] === true) t.strictSame(await answer, reply['body']);
    else await t.rejects(answer, { message: /failed/, answer: reply['error'] });
  }
  t.match(peer.commands[0], { command: command['command'], params: command['params'] });
  t.strictSame(odd, { garbage: 0, unknown: 0, invalid: 0, refused: 0, late: 0, flood: 0 });
});
