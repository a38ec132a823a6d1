// Two browsers, each at a replica of its own on one Redis, and a compositor that one of the replicas holds.
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { TileClient } from '../support/tile-client.ts';
import { LITERAL } from '../geometry-os/relay-world.ts';
import { Fleet } from './fleet.ts';

const CEILING = 45_000;

const browserAt = (t: Test, url: string) =>
  TileClient.open(t, `${url.replace('http', 'ws')}/manifest/socket`);

t.test('what one says reaches the other, and the compositors, whichever replica holds them', async (t) => {
  const fleet = await Fleet.start(t, { args: ['--connect-interval=1'] });
  const peer = await WsPeer.start(t);
  const { protocol, address, port } = peer.target;
  await send('PUT', `${fleet.urls[0]!}/compositors/wall`, {
    name: 'Wall',
    protocol,
    address,
    port,
    ttl: 3600,
  });
  const status = async (url: string) => (await send('GET', `${url}/compositors/wall`)).body.status;
  for (const url of fleet.urls)
    await eventually(async () => (await status(url)) === 'connected', 'it is connected', CEILING);
  const [here, there] = await Promise.all(fleet.urls.map((url) => browserAt(t, url)));
  const watching = await browserAt(t, fleet.urls[0]!);

  // As two people move at once.
  for (let n = 0; n <= 300; n++) {
    here!.send({ type: 'camera_update', who: 'here', n });
    there!.send({ type: 'camera_update', who: 'there', n });
    if (n % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const last = (who: string) => (client: TileClient) =>
    client.messages.some((each) => each['who'] === who && each['n'] === 300);
  await here!.until(last('there'), 'the last camera of the other', CEILING);
  await there!.until(last('here'), 'the last camera of the other', CEILING);
  for (const who of ['here', 'there']) await watching.until(last(who), `the last camera of ${who}`, CEILING);
  const heard = (client: TileClient, who: string) =>
    client.of('camera_update').flatMap((each) => (each['who'] === who ? [Number(each['n'])] : []));
  for (const [client, who] of [
    [here!, 'there'],
    [there!, 'here'],
  ] as const) {
    const numbers = heard(client, who);
    t.same(
      numbers,
      [...new Set(numbers)].toSorted((a, b) => a - b),
      'in order, and once',
    );
    t.same(heard(client, client === here ? 'here' : 'there'), [], 'and none of its own');
  }

  for (const text of LITERAL) {
    here!.send(text);
    await there!.until(({ texts }) => texts.at(-1) === text, `${text} as it was said`, CEILING);
  }

  for (const [n, client] of [here!, there!].entries()) {
    client.send({ type: 'control_command', command: 'go', n });
    await peer.hears((message) => message['type'] === 'control_command' && message['n'] === n);
    peer.say({ type: 'command_ack', command: 'go', n });
    for (const each of [here!, there!])
      await each.until(
        ({ messages }) => messages.some((m) => m.type === 'command_ack' && m['n'] === n),
        'the ack',
        CEILING,
      );
  }
  t.equal(peer.heard.filter(({ type }) => type === 'control_command').length, 2, 'from one replica alone');
});
