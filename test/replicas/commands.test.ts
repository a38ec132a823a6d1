import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { HttpPeer } from '../support/peers/http-peer.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { Fleet } from './fleet.ts';

t.test(
  'any replica takes a command for any compositor, and a repeat is known whichever is asked',
  async (t) => {
    const fleet = await Fleet.start(t, { replicas: 2 });
    const [first, second] = fleet.urls as [string, string];
    const peers = [await HttpPeer.start(t), await WsPeer.start(t)];
    for (const [i, { target }] of peers.entries()) {
      const { protocol, address, port } = target;
      const body = { name: 'Wall', protocol, address, port, ttl: 3600 };
      t.match(await send('PUT', `${first}/compositors/wall-${i}`, body), { status: 201 });
    }
    const connected = async () => {
      const { body } = await send('GET', `${second}/compositors?status=connected`);
      return body.items.length === peers.length;
    };
    await eventually(connected, 'both are connected');

    for (const [i, peer] of peers.entries()) {
      const command = (url: string, key?: string) =>
        send(
          'POST',
          `${url}/compositors/wall-${i}/commands`,
          { command: 'zoom', params: { i } },
          key === undefined ? {} : { 'idempotency-key': key },
        );
      for (const url of [first, second])
        t.match(await command(url), { status: 200, body: { ok: true, answer: { params: { i } } } });
      t.equal(peer.commands.length, 2);
      const replies = await Promise.all([command(first, 'k'), command(second, 'k')]);
      t.match(replies, [{ status: 200 }, { status: 200 }]);
      t.strictSame(replies[0].body, replies[1].body);
      t.equal(peer.commands.length, 3, 'both asked, it was sent once');
      t.match((await command(second, 'k')).headers.get('idempotent-replayed'), 'true');

      // A commit in answer to a command, published through one replica; the holder may be the other one.
      peer.onCommand = async () => {
        await send('PATCH', `${first}/compositors/wall-${i}/tiles`, { [`${i},0`]: { brick: 'drawn' } });
        throw new Error('half done');
      };
      const failed = await command(second);
      t.match(failed, { status: 200, body: { ok: false, error: String } });
      peer.onCommand = () => new Promise(() => undefined);
      for (const url of [first, second]) {
        const late = await send('POST', `${url}/compositors/wall-${i}/commands`, {
          command: 'hang',
          timeout: 1,
        });
        t.match(late, { status: 504, body: { type: '/problems/timed-out' } });
      }
    }
    const commands = { reload: { method: 'PUT', path: '/reload' } };
    t.match(await send('PATCH', `${first}/compositors/wall-0`, { commands }), { status: 200 });
    for (const url of [first, second]) {
      const run = () => send('POST', `${url}/compositors/wall-0/commands`, { command: 'zoom', timeout: 1 });
      await eventually(async () => (await run()).status === 400, 'zoom is no command of it any more');
      t.match((await run()).body, { errors: [{ in: 'body', field: '/command' }] });
      t.match((await send('GET', `${url}/compositors/wall-0/commands`)).body, {
        commands: [{ name: 'reload' }],
        others: false,
      });
    }
    t.match(await send('POST', `${second}/compositors/nobody/commands`, { command: 'a' }), { status: 404 });
  },
);
