// As libp2p-connector.test.ts; a file of its own, so that the floods in it have the time they take.
import t from 'tap';
import { node22 } from '../support/node-22.ts';

const suite = 'dist-test/adapters/libp2p-messages-node-22.js';

t.test('on a Node that can', async (t) => {
  await t.spawn(node22(), [suite], { stdio: ['ignore', 'pipe', 2] }, suite);
});
