// libp2p needs Node 22: its run is in bound-connection-node-22.ts, and its results count as this file's own.
import t from 'tap';
import { boundConnectionContract } from '../../contract/bound-connection.ts';
import { node22 } from '../../support/node-22.ts';
import { WsPeer } from '../../support/peers/ws-peer.ts';

boundConnectionContract(t, 'ws', (t) => WsPeer.start(t));

const suite = 'dist-test/services/connectors/bound-connection-node-22.js';

t.test('libp2p, on a Node that can', async (t) => {
  await t.spawn(node22(), [suite], { stdio: ['ignore', 'pipe', 2] }, suite);
});
