import t from 'tap';
import { build } from '../support/build.ts';
import { A2aRouter } from './stand-ins/a2a-router.ts';
import { WebMcpBridge } from './stand-ins/webmcp-bridge.ts';

t.test('agents claim, query and release regions with its tools', async (t) => {
  const { app, inject } = await build(t);
  const router = new A2aRouter(await app.listen());
  for (const id of ['ada', 'bob']) await app.registry.register({ id, name: id }, 'claim');
  const [ada, bob] = [new WebMcpBridge(router, 'ada'), new WebMcpBridge(router, 'bob')];
  const tower = { x: -8, y: -8, width: 16, height: 16 };

  const mine = await ada.regionClaim(tower, { purpose: 'a tower' });
  t.match(mine, { success: true, claim_id: String, bounds: tower, expires_at: Number });
  t.match(await bob.regionClaim(tower, { exclusive: false }), {
    success: false,
    conflicting_claim: mine.claim_id,
  });
  t.match(await bob.regionQuery(tower), {
    is_free: false,
    claims: [{ agent_id: 'ada', bounds: tower }],
    claims_count: 1,
  });
  t.match((await inject('/manifest')).json.regions, {
    [String(mine.claim_id)]: { purpose: 'a tower', rect: '-8,-8,7,7' },
  });
  t.match(await ada.regionRelease(mine.claim_id), { success: true, released: true });
  t.match(await bob.regionClaim(tower, { exclusive: false, timeout: 60 }), { success: true });
});
