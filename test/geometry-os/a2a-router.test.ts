import t, { type Test } from 'tap';
import { build } from '../support/build.ts';
import { A2aRouter } from './stand-ins/a2a-router.ts';

/** Two agents, and the router between them and the daemon. */
async function world(t: Test) {
  const { app, inject } = await build(t);
  const url = await app.listen();
  for (const id of ['ada', 'bob']) await app.registry.register({ id, name: id }, 'claim');
  return { router: new A2aRouter(url), inject };
}

const lobby = { x: 0, y: 0, width: 32, height: 32 };
const claim = { type: 'claim_region', session_id: 's', purpose: 'the lobby', exclusive: true, timeout: 300 };

t.test('a claim is kept in the daemon, and keeps others out', async (t) => {
  const { router, inject } = await world(t);
  const made = await router.handle({ ...claim, agent_id: 'ada', region: lobby });
  t.match(made, { success: true, claim_id: String, bounds: lobby, exclusive: true });
  const left = (made['expires_at'] as number) - Date.now() / 1000;
  t.ok(left > 280 && left < 320, `${left} s`);
  const touching = { x: 31, y: 31, width: 2, height: 2 };
  t.match(await router.handle({ ...claim, agent_id: 'bob', region: touching }), {
    success: false,
    error: 'region_conflict',
    conflicting_claim: made['claim_id'],
    conflicting_agent: 'ada',
  });
  t.match(
    await router.handle({ ...claim, agent_id: 'bob', region: { ...lobby, x: 32 } }),
    { success: true },
    'beside it',
  );
  const write = await inject({
    method: 'PATCH',
    url: '/compositors/bob/tiles',
    payload: { '5,5': { brick: 'x' } },
  });
  t.match(write, { status: 409, json: { type: '/problems/region-taken' } });
});

t.test('release and query', async (t) => {
  const { router } = await world(t);
  const { claim_id } = await router.handle({ ...claim, agent_id: 'ada', region: lobby });
  const point = { x: 7, y: 7, width: 1, height: 1 };
  t.match(await router.handle({ type: 'query_region', region: point }), {
    is_free: false,
    claims_count: 1,
    claims: [{ claim_id, agent_id: 'ada', bounds: lobby, purpose: 'the lobby' }],
  });
  t.match(await router.handle({ type: 'query_region', region: { ...point, x: 99 } }), {
    is_free: true,
    claims: [],
  });
  t.match(await router.handle({ type: 'release_region', claim_id }), { success: true, released: true });
  t.match(await router.handle({ type: 'release_region', claim_id }), {
    success: false,
    error: 'claim_not_found',
  });
  t.match(await router.handle({ type: 'query_region', region: point }), { is_free: true });
});
