// Three daemons on one Redis and 200 compositors with an HTTP API. One daemon is killed: the others take over what it
// held, each compositor exactly one of them; the manifest does not hear of it. That it takes less than 15 s is proved on
// a clock of its own (test/services/connectors/ownership.test.ts); here it is said.
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { CEILING, head, health, holders, settle } from './street-fleet.ts';

t.test(
  'killed, a replica is replaced by the others, and nobody hears of it',
  { timeout: 110_000 },
  async (t) => {
    const { fleet, street } = await settle(t, 200, 3);
    const [victim, ...survivors] = fleet.daemons;
    const url = survivors[0]!.url;
    const quiet = await head(url);
    t.ok(parseInt(quiet) <= 260, `${quiet}: connecting was a few commits more than the 200 registrations`);
    const before = await holders(fleet);
    t.equal([...before.values()].flat().length, 200);
    t.comment(`held by each: ${[...before.values()].map((ids) => ids.length).join(', ')}`);
    t.same(new Set(street.connections()), new Set([1]), 'each is connected to once');

    const killed = performance.now();
    await victim!.stop('SIGKILL');
    fleet.daemons.splice(0, 1);
    let after = before;
    await eventually(
      async () => {
        after = await holders(fleet);
        return after.size < before.size && [...after.values()].flat().length === 200;
      },
      'those who are left hold all',
      CEILING,
    );
    t.comment(`taken over after ${((performance.now() - killed) / 1000).toFixed(1)} s`);
    const [dead, ...more] = [...before.keys()].filter((name) => !after.has(name));
    t.strictSame(more, []);
    t.ok(before.get(dead!)!.length > 20, 'it held some');
    for (const [name, ids] of before)
      if (name !== dead)
        t.ok(
          ids.every((id) => after.get(name)!.includes(id)),
          'what the others held stayed there',
        );

    const asked = street.ids.map((id) => street.asked(street.addressOf(id)));
    await eventually(
      () => street.ids.every((id, i) => street.asked(street.addressOf(id)) > asked[i]! + 1),
      'each is asked how it is',
      CEILING,
    );
    t.same(new Set(street.connections()), new Set([1]), 'and by one alone');
    const moved = before.get(dead!)!.slice(0, 5);
    for (const { url } of survivors)
      for (const id of moved) {
        const { state, holder } = await health(url, id);
        t.equal(state, 'connected');
        t.ok(after.get(holder)?.includes(id), 'whoever is asked, the holder answers');
      }
    for (const { url } of survivors)
      t.equal(await head(url), quiet, 'not one commit: the link never flapped');
  },
);
