import t from 'tap';
import {
  coversCompositor,
  isAllowed,
  isBound,
  SCOPES,
  scopesOfSession,
  type Principal,
} from '../../src/domain/token.ts';

const principal = (...scopes: Principal['scopes']): Principal => ({ key: 'k', scopes });

t.test('a scope opens itself alone, and admin opens all', async (t) => {
  for (const has of SCOPES)
    for (const scope of SCOPES)
      t.equal(isAllowed(principal(has), { scope }), has === scope || has === 'admin', `${has} for ${scope}`);
  t.notOk(isAllowed(principal(), { scope: 'read' }));
});

t.test('a token for some compositors writes and commands those alone, and reads all', async (t) => {
  const bound = { ...principal('read', 'write', 'command'), compositors: ['wall', 'desk-*'] };
  for (const [compositor, fine] of [
    ['wall', true],
    ['desk-1', true],
    ['desk-', true],
    ['wall-2', false],
    ['desk', false],
    [undefined, false],
  ] as const)
    for (const scope of ['write', 'command'] as const)
      t.equal(isAllowed(bound, { scope, compositor }), fine, `${scope} ${compositor ?? 'none'}`);
  t.ok(isAllowed(bound, { scope: 'read', compositor: 'other' }));
  t.ok(isAllowed({ ...bound, ...principal('relay') }, { scope: 'relay' }), 'and speaks to all who watch');
  t.ok(isAllowed({ ...bound, compositors: ['*'] }, { scope: 'write', compositor: 'any' }));
});

t.test('a token is limited by its ids or its rectangle, and covers its ids', async (t) => {
  const bound = { ...principal('write'), compositors: ['wall', 'desk-*'] };
  t.notOk(isBound(principal('write')));
  t.ok(isBound(bound));
  t.ok(isBound({ ...principal('write'), view: { x1: 0, y1: 0, x2: 1, y2: 1 } }));
  t.ok(isBound({ ...principal('admin'), compositors: [] }));
  for (const [id, covered] of [
    ['wall', true],
    ['desk-1', true],
    ['walls', false],
    ['door', false],
  ] as const)
    t.equal(coversCompositor(bound, id), covered, id);
  t.notOk(coversCompositor(principal('write'), 'wall'), 'one without ids has none of its own');
});

t.test('a session reads, and relays if its token does; it never changes anything', async (t) => {
  t.same(scopesOfSession(principal('admin')), ['read', 'relay']);
  t.same(scopesOfSession(principal('read', 'relay', 'write', 'command')), ['read', 'relay']);
  t.same(scopesOfSession(principal('read', 'write')), ['read']);
  t.same(scopesOfSession(principal('relay', 'write')), []);
});
