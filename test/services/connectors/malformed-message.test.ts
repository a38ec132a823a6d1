import t from 'tap';
import { parseRelayed } from '../../../src/domain/relayed.ts';
import { releasedIn } from '../../../src/services/connectors/supervisor.ts';
import { build } from '../../support/build.ts';

// What went wrong: messages of other replicas were not checked. One without a body ended every replica.
t.test('malformed messages are ignored, and not logged', async (t) => {
  const { app, log, inject } = await build(t);
  const bodies = [
    undefined,
    null,
    7,
    {},
    { holder: 'x', ids: 'wall' },
    { messages: null },
    { messages: [null, 7, {}] },
  ];
  const all = ['supervisor.freed', 'relay'].flatMap((topic) => bodies.map((body) => ({ topic, body })));
  for (const { topic, body } of all) app.peerBus.publish(topic, body);
  // The publisher gets its own messages too, in order.
  const last = new Promise((resolve) => app.peerBus.subscribe('last', resolve));
  app.peerBus.publish('last', null);
  await last;
  t.equal((await inject('/health/live')).status, 200);
  t.notOk(log.some(({ level }) => Number(level) >= 50 || level === 'error'));
});

t.test('messages of other replicas are known by their shape', async (t) => {
  const released = { holder: 'ab', ids: ['wall'] };
  t.same(releasedIn(released), released);
  for (const other of [
    { ...released, holder: 1 },
    { ...released, ids: { length: 1 } },
    { ...released, ids: ['wall', 1] },
  ])
    t.equal(releasedIn(other), undefined);
  const relayed = { from: 'compositor:wall', compositor: 'wall', type: 'camera_update', text: '{}' };
  const ofSocket = { from: 'ab/1', type: 'camera_update', text: '{}', forCompositors: true };
  const bad = [
    null,
    { ...relayed, from: 1 },
    { ...relayed, compositor: null },
    { ...relayed, type: {} },
    { ...relayed, text: {} },
    { ...relayed, text: 'x'.repeat(65_537) },
    { ...ofSocket, forCompositors: 'yes' },
  ];
  t.same(parseRelayed({ messages: [relayed, ...bad, ofSocket] }), [relayed, ofSocket]);
  for (const other of [undefined, null, [], { messages: {} }, { compositor: 'wall', message: {} }])
    t.same(parseRelayed(other), []);
});
