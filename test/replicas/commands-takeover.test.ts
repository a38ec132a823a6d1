import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { WsPeer } from '../support/peers/ws-peer.ts';
import { Fleet } from './fleet.ts';

t.test(
  'when the replica that is connected dies, the other one takes commands as soon as it is',
  async (t) => {
    const fleet = await Fleet.start(t, { replicas: 2 });
    const peer = await WsPeer.start(t);
    const { protocol, address, port } = peer.target;
    // Whoever is alone is the holder.
    const [holder, heir] = fleet.daemons as [(typeof fleet.daemons)[0], (typeof fleet.daemons)[0]];
    heir.signal('SIGSTOP');
    await send('PUT', `${holder.url}/compositors/wall`, { name: 'Wall', protocol, address, port, ttl: 3600 });
    const command = async (url: string, key?: string) =>
      send(
        'POST',
        `${url}/compositors/wall/commands`,
        { command: 'zoom' },
        key === undefined ? {} : { 'idempotency-key': key },
      );
    await eventually(async () => (await command(holder.url)).status === 200, 'the holder is connected');
    heir.signal('SIGCONT');
    await eventually(async () => (await command(heir.url)).status === 200, 'the other one asks the holder');
    t.match(await command(heir.url, 'k'), { status: 200 });
    t.match((await command(heir.url, 'k')).headers.get('idempotent-replayed'), 'true');
    const { id } = peer.commands.at(-1)!;

    await holder.stop('SIGKILL');
    const refusals = new Set<number>();
    await eventually(
      async () => {
        const { status } = await command(heir.url);
        if (status !== 200) refusals.add(status);
        return status === 200;
      },
      'the heir is connected',
      40_000,
    );
    // Until then: not connected; or, of the first one, which the holder may have heard, no answer.
    for (const status of refusals) t.ok([409, 503, 504].includes(status), `${status} meanwhile`);
    const again = await command(heir.url, 'k');
    t.match(again, { status: 200, body: { id } }, 'the same id, by which the compositor can tell');
    t.equal(again.headers.get('idempotent-replayed'), null, 'the memory of keys died with the holder');
    t.equal(peer.commands.filter((each) => each.id === id).length, 2);
  },
);
