import t from 'tap';
import { freedIn } from '../../../src/services/connectors/released.ts';
import { parseRelayed } from '../../../src/services/tile-socket/tile-feed.ts';
import { build } from '../../support/build.ts';

// What went wrong: what replicas tell each other was taken for what it should be. One letter without a body ended every replica.
t.test('news that say nothing are passed over, without a word in the log', async (t) => {
  const { app, log, inject } = await build(t);
  const bodies = [
    undefined,
    null,
    7,
    {},
    { holder: 'x', ids: 'wall' },
    { compositor: 'wall', message: null },
  ];
  const all = ['supervisor.freed', 'relay'].flatMap((topic) => bodies.map((body) => ({ topic, body })));
  for (const { topic, body } of all) app.peerBus.publish(topic, body);
  // Whoever broadcasts hears it too, and in the order in which it was said.
  const last = new Promise((resolve) => app.peerBus.subscribe('last', resolve));
  app.peerBus.publish('last', null);
  await last;
  t.equal((await inject('/health/live')).status, 200);
  t.notOk(log.some(({ level }) => Number(level) >= 50 || level === 'error'));
});

t.test('what replicas tell each other is known by its shape', async (t) => {
  const freed = { holder: 'ab', ids: ['wall'] };
  t.same(freedIn(freed), freed);
  for (const other of [
    { ...freed, holder: 1 },
    { ...freed, ids: { length: 1 } },
    { ...freed, ids: ['wall', 1] },
  ])
    t.equal(freedIn(other), undefined);
  const relayed = { compositor: 'wall', message: { type: 'camera_update', x: 1 } };
  t.same(parseRelayed(relayed), relayed);
  for (const other of [
    { ...relayed, compositor: 1 },
    { ...relayed, message: [] },
    { ...relayed, message: { type: {} } },
  ])
    t.equal(parseRelayed(other), undefined);
});
