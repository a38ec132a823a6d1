import t from 'tap';
import { makeCompositor } from '../../../src/domain/compositor.ts';
import { DomainError, storeUnavailable } from '../../../src/domain/errors.ts';
import { selectIds, startOrStop } from '../../../src/services/compositors/start-stop.ts';

const made = (id: string, enabled = true) => makeCompositor({ id, name: id, enabled, registeredAt: 'then' });
const ids = (count: number) => Array.from({ length: count }, (_, i) => `c${String(i).padStart(4, '0')}`);
const cursor = '1-00000000' as never;

t.test('many at a time, and never too many', async (t) => {
  let [now, most] = [0, 0];
  const describe = async (id: string, { enabled }: { enabled?: boolean }) => {
    most = Math.max(most, (now += 1));
    await new Promise(setImmediate);
    now -= 1;
    return { compositor: made(id, enabled), cursor, changed: 1 };
  };
  const outcomes = await startOrStop({ describe }, ids(1000), false, undefined);
  t.same(
    outcomes.map(({ id }) => id),
    ids(1000),
    'reported in order',
  );
  t.match(outcomes[999], { compositor: { status: 'stopped' } });
  t.ok(most > 1 && most <= 64, `${most} at a time`);
});

t.test('an error with one stops no other; a store that is away is waited for once', async (t) => {
  const wrong = new DomainError('not-found', 'no compositor');
  const bug = new TypeError('x is not a function');
  const describe = async (id: string) => {
    if (id === 'c0001') throw wrong;
    if (id === 'c0002') throw bug;
    return { compositor: made(id), cursor, changed: 1 };
  };
  t.match(await startOrStop({ describe }, ids(4), true, undefined), [
    { compositor: {} },
    { error: wrong },
    { error: bug },
    { compositor: {} },
  ]);
  let tries = 0;
  const away = async () => {
    tries += 1;
    await new Promise(setImmediate);
    throw storeUnavailable();
  };
  const outcomes = await startOrStop({ describe: away }, ids(1000), true, undefined);
  t.ok(outcomes.every((each) => 'error' in each && (each.error as DomainError).kind === 'store-unavailable'));
  t.ok(tries <= 64, `${tries} tries`);
});

t.test('a page of ids, and whether there are more', async (t) => {
  const registry = {
    *list(_: object, after = '') {
      for (const id of ids(5)) if (id > after) yield made(id);
    },
  };
  const page = (after?: string) => selectIds(registry, { filter: {}, after, limit: 2 }, undefined);
  t.same(page(), { ids: ['c0000', 'c0001'], more: true });
  t.same(page('c0001'), { ids: ['c0002', 'c0003'], more: true });
  t.same(page('c0003'), { ids: ['c0004'], more: false });
  const bound = { key: 'k', scopes: ['write' as const], compositors: ['c0004', 'c0001'] };
  t.same(selectIds(registry, { filter: {}, after: undefined, limit: 2 }, bound), {
    ids: ['c0001', 'c0004'],
    more: false,
  });
});
