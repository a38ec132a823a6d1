import t, { type Test } from 'tap';
import { eventually } from '../../failures/eventually.ts';
import { build } from '../../support/build.ts';
import { FakePeers } from '../../support/fake-peers.ts';

/** A compositor that somebody registered by hand: it renews nothing itself. */
async function registered(t: Test) {
  const peers = new FakePeers();
  const settings = { connect: { interval: 0.2, timeout: 0.5 } };
  const { app, inject } = await build(t, { make: peers.make, settings });
  const payload = { name: 'Wall', ttl: 3, protocol: 'http', address: '127.0.0.1', port: 1 };
  await inject({ method: 'PUT', url: '/compositors/wall', payload });
  const status = () => app.registry.get('wall')?.status;
  await eventually(() => status() === 'connected', 'it is connected');
  const expiry = async () => Date.parse((await inject('/compositors/wall')).json.lease.expiresAt);
  return { peers, app, inject, status, expiry };
}

t.test('while it is connected the lease of a compositor is renewed, without a commit', async (t) => {
  // What went wrong: a compositor that somebody registered by hand was gone after a day, alive as it was.
  const { app, expiry, status } = await registered(t);
  const first = await expiry();
  const { head } = app.replica.copy;
  await eventually(async () => (await expiry()) > first + 6000, 'two TTLs more');
  t.equal(status(), 'connected');
  t.equal(app.replica.copy.head, head);
});

t.test('when its connection fails its lease runs out, and it is stale', async (t) => {
  const { peers, status } = await registered(t);
  peers.down('wall');
  await eventually(() => status() === 'stale', 'it is stale');
});

t.test('one that is stopped has no connection that could keep it', async (t) => {
  const { inject, app } = await registered(t);
  await inject({ method: 'PATCH', url: '/compositors/wall', payload: { enabled: false } });
  await eventually(() => app.registry.get('wall')?.staleAt !== undefined, 'its lease ran out');
});
