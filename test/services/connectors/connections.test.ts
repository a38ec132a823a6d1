import t from 'tap';
import type { Compositor, Link } from '../../../src/domain/compositor.ts';
import { ConnectorError } from '../../../src/domain/connector.ts';
import type { PeerServices } from '../../../src/services/connectors/peer-events.ts';
import { Connections } from '../../../src/services/connectors/connections.ts';
import { FakePeers } from '../../support/fake-peers.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields: object) => t.fail('logged', fields),
};
const settings = { interval: 10, timeout: 5, failures: 3, passes: 1, parallel: 1 };

function start(links: Readonly<Record<string, Link | undefined>>) {
  const clock = new ManualClock();
  const peers = new FakePeers();
  const connections = new Connections({
    make: peers.make,
    clock,
    random: () => 0,
    settings,
    // These peers send nothing by themselves.
    ...({} as PeerServices),
    log,
    entryOf: (id) => {
      const link = links[id];
      const entry: Compositor = {
        id,
        name: id,
        status: 'registered',
        labels: {},
        capabilities: [],
        enabled: true,
        registeredAt: '2026-11-20T00:00:00Z',
        protocol: 'ws',
        address: '127.0.0.1',
        port: 5000,
      };
      return { ...entry, ...(link && { link }) };
    },
    changed: () => undefined,
  });
  return { clock, peers, connections };
}

// What went wrong: a new compositor waited in one queue with all that are down: behind a thousand addresses that swallow
// every packet it was connected to after a minute.
t.test(
  'a new compositor does not wait for those that are down, nor a healthy one for the new ones',
  async (t) => {
    const { clock, peers, connections } = start({ a: 'disconnected', b: 'disconnected', well: 'connected' });
    const swallow = (signal: AbortSignal) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener('abort', () => reject(new ConnectorError('timeout', 'no answer'))),
      );
    for (const id of ['a', 'b', 'stuck']) peers.behaviours.set(id, { connect: swallow });
    for (const id of ['a', 'b', 'new', 'stuck', 'well']) connections.open(id, 0);
    await clock.advance(10);
    t.ok(connections.get('new')?.connector, 'new');
    t.ok(connections.get('well')?.connector, 'well');
    t.strictSame([...peers.open.keys()].sort(), ['a', 'new', 'stuck', 'well'], 'one at a time of each kind');
    await connections.stop();
  },
);

// What went wrong: a claim that was gained while the connections closed opened one, and nobody closed it again.
t.test('after the stop no connection opens', async (t) => {
  const { clock, peers, connections } = start({});
  await connections.stop();
  connections.open('late', 0);
  await clock.advance(10);
  t.equal(peers.made.length, 0);
  t.equal(connections.get('late'), undefined);
});
