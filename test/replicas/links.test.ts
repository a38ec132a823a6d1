// A compositor that dials in at one of two replicas on one Redis.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { send } from '../support/http-client.ts';
import { DialingPeer } from '../support/peers/dialing-peer.ts';
import { Fleet } from './fleet.ts';

const CEILING = 45_000;

t.test(
  'commands find its link, a newer one elsewhere replaces it, and one that died with its replica is noticed',
  async (t) => {
    const fleet = await Fleet.start(t, { replicas: 2, args: ['--connect-interval=1'] });
    const [a, b] = fleet.urls as [string, string];
    const registered = await send('PUT', `${a}/compositors/wall`, { name: 'Wall', ttl: 3600 });
    const { generation } = registered.body.lease;
    const linkAt = (url: string) => `${url}/compositors/wall/link?generation=${generation}`;
    const statusAt = async (url: string) => (await send('GET', `${url}/compositors/wall`)).body.status;
    const answersTo = (peer: DialingPeer, name: string) => (peer.onCommand = () => name);
    const reaches = async (url: string, name: string) => {
      const { body } = await send('POST', `${url}/compositors/wall/commands`, { command: 'who' });
      return body.answer === name;
    };

    const first = new DialingPeer(t);
    answersTo(first, 'first');
    await first.dial(linkAt(a));
    for (const url of [b, a]) t.ok(await reaches(url, 'first'), `the first, at once, through ${url}`);
    await eventually(async () => (await statusAt(b)) === 'connected', 'it is connected', CEILING);

    const second = new DialingPeer(t);
    answersTo(second, 'second');
    await second.dial(linkAt(b));
    t.match(
      await second.ask({ type: 'tiles', tiles: { '0,0': { brick: 'b' } } }),
      { ok: true },
      'it writes at once',
    );
    await first.until(() => first.ends.length > 0);
    t.strictSame(first.ends, ['4001 replaced']);
    for (const url of [a, b])
      await eventually(() => reaches(url, 'second'), `the second, through ${url}`, CEILING);
    t.equal(await statusAt(a), 'connected');

    await fleet.daemons[1]!.stop('SIGKILL');
    await eventually(async () => (await statusAt(a)) === 'disconnected', 'the other one notices', CEILING);
    const third = new DialingPeer(t);
    answersTo(third, 'third');
    await third.dial(linkAt(a));
    await eventually(() => reaches(a, 'third'), 'and takes the next link', CEILING);
    await eventually(async () => (await statusAt(a)) === 'connected', 'it is connected again', CEILING);
  },
);
