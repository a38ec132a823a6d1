// A replica stands still: a paused VM, a machine that swaps, a debugger. The others go on, its compositors keep their leases, the alerts name
// it, and it says itself what was wrong when it goes on.
import { setTimeout as delay } from 'node:timers/promises';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { Fleet, KEEPS_ALL, status } from '../replicas/fleet.ts';
import { hoppers } from '../replicas/hopping-reader.ts';
import { moreWrites, whileWriting, writers } from '../replicas/writer.ts';
import { Random } from '../simulation/random.ts';
import { send } from '../support/http-client.ts';
import { Alerts } from './alerts.ts';
import { linesOf } from './incident.ts';

t.test('a replica stands still for 6 s', { timeout: 240_000 }, async (t) => {
  const fleet = await Fleet.start(t, { redis: { args: KEEPS_ALL } });
  const [frozen, other] = fleet.daemons as [(typeof fleet.daemons)[0], (typeof fleet.daemons)[0]];
  t.teardown(() => frozen.signal('SIGCONT'));
  const alerts = await Alerts.start(t, fleet.daemons);
  const random = new Random(18);
  const all = await writers(() => [other.url], random);
  const readers = await hoppers(t, () => [other.url], random, 2);
  await whileWriting(all, [], async () => {
    await moreWrites(all, 10);
    frozen.signal('SIGSTOP');
    const down = { alertname: 'CompositordDown', instance: `127.0.0.1:${frozen.port}` };
    await Promise.all([delay(6000), alerts.fire(down)]);
    t.equal(await status(`${other.url}/health/ready`), 200);
    await moreWrites(all, 10);
    frozen.signal('SIGCONT');
    const said = () => linesOf(frozen).find(({ msg }) => /stood still/.test(String(msg)));
    await eventually(() => said() !== undefined, 'its log says so');
    t.ok(said()!.ms > 3000, `${said()!.ms} ms`);
    await eventually(async () => (await status(`${frozen.url}/health/ready`)) === 200, 'it is ready');
    await alerts.end('CompositordDown');
    await moreWrites(all, 10);
  });
  const manifest = await fleet.allOne(readers);
  for (const writer of all) writer.check(t, manifest);
  t.notMatch((await send('GET', `${other.url}/health`)).body, { status: 'warn' });
});
