// Who holds which connector while Redis stands still, and when replicas leave and come.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { CEILING, connected, head, health, holders, settle } from './street-fleet.ts';

t.test(
  'while Redis stands still, nobody trusts a claim for longer than it lasts',
  { timeout: 110_000 },
  async (t) => {
    const { fleet, street } = await settle(t, 12, 2);
    const quiet = await head(fleet.urls[0]!);
    fleet.redis.freeze();
    t.teardown(() => fleet.redis.thaw());
    await eventually(
      () => street.connections().every((open) => open === 0),
      'all connectors are closed',
      CEILING,
    );
    fleet.redis.thaw();
    await eventually(
      () => street.connections().every((open) => open === 1),
      'each is connected to again',
      CEILING,
    );
    await fleet.ready();
    t.equal([...(await holders(fleet)).values()].flat().length, 12);
    await connected(fleet, 12);
    for (const url of fleet.urls) t.equal(await head(url), quiet, 'and nobody heard of it');
  },
);

t.test(
  'a replica that leaves hands over, and a new one that comes takes nothing away',
  { timeout: 110_000 },
  async (t) => {
    const { fleet, street } = await settle(t, 12, 2);
    const quiet = await head(fleet.urls[1]!);
    t.strictSame(await fleet.daemons[0]!.stop(), { code: 0, signal: null });
    const begun = performance.now();
    fleet.daemons.splice(0, 1);
    await eventually(
      () => street.connections().every((open) => open === 1),
      'the other one has all',
      CEILING,
    );
    t.comment(`handed over after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
    const [name] = [...(await holders(fleet)).keys()];
    await fleet.add();
    await fleet.ready();
    const { holder } = await health(fleet.urls[1]!, street.ids[0]!);
    t.equal(holder, name, 'the new one asks the old one');
    t.strictSame([...(await holders(fleet)).keys()], [name]);
    t.equal(await head(fleet.urls[0]!), quiet);
  },
);
