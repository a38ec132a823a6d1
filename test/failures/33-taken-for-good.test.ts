// FAILURES 33 (trust). A token that is bound to one compositor writes every tile of another, with a timestamp from the future: it
// is refused unless it may take over, and then the owner's next write works all the same.
import t, { type Test } from 'tap';
import type { Scope } from '../../src/domain/token.ts';
import { build } from '../support/build.ts';
import { tokenFor } from '../support/tokens.ts';

const operator = tokenFor('operator', ['read', 'write']);
const COUNT = 1000;

async function world(t: Test, scopes: readonly Scope[]) {
  const tenant = tokenFor('tenant', scopes, ['mine']);
  const { inject, app } = await build(t, { settings: { auth: [operator.entry, tenant.entry] } });
  const tiles = (brick: string, more: object = {}) =>
    Object.fromEntries(Array.from({ length: COUNT }, (_, x) => [`${x},0`, { brick, ...more }]));
  const write = (
    id: string,
    headers: Record<string, string>,
    payload: object,
    method: 'PATCH' | 'PUT' = 'PATCH',
  ) => inject({ method, url: `/compositors/${id}/tiles`, payload, headers });
  const owned = (id: string) => app.registry.tileCount(id);
  const own = { ...operator.headers };
  for (const id of ['victim', 'mine'])
    await inject({ method: 'PUT', url: `/compositors/${id}`, payload: { name: id }, headers: own });
  await write('victim', own, tiles('victim.png'));
  const steal = tiles('mine.png', { timestamp: Date.now() / 1000 + 299 });
  return { write, owned, own, thief: { ...tenant.headers }, steal, tiles };
}

t.test('without takeover nothing is taken, and the refusal names the tiles', async (t) => {
  const { write, owned, own, thief, steal, tiles } = await world(t, ['read', 'write']);
  for (const method of ['PATCH', 'PUT'] as const) {
    const reply = await write('mine', thief, steal, method);
    t.match(reply, { status: 409, json: { type: '/problems/tile-taken' } });
    t.match(reply.json.errors[0], { field: '/0,0', detail: /victim/ });
  }
  t.equal(owned('victim'), COUNT);
  t.equal((await write('victim', own, tiles('victim-2.png'), 'PUT')).status, 200);
});

t.test("with takeover they are taken, and the owner's next write has them back", async (t) => {
  const { write, owned, own, thief, steal, tiles } = await world(t, ['read', 'write', 'takeover']);
  t.match(await write('mine', thief, steal), { status: 200, json: { changed: COUNT } });
  t.equal(owned('victim'), 0);
  t.match(await write('victim', own, tiles('victim.png'), 'PUT'), { status: 200 });
  t.equal(owned('victim'), COUNT);
});
