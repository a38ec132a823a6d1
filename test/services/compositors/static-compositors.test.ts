import t, { type Test } from 'tap';
import type { StaticCompositor } from '../../../src/domain/registration.ts';
import { StaticCompositors } from '../../../src/services/compositors/static-compositors.ts';
import { world, writes } from '../../support/world.ts';

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function withStatic(t: Test, wanted: StaticCompositor[]) {
  const parts = await world(t);
  const statics = new StaticCompositors({ ...parts, copy: parts.replica.copy, wanted, log: quiet });
  t.teardown(() => statics.stop());
  await statics.start();
  return { ...parts, statics };
}

t.test('another list is one commit, and the same list none', async (t) => {
  const { statics, replica, publisher } = await withStatic(t, [
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ]);
  await publisher.patch('b', writes({ '1,1': 'x', '2,2': 'y' }));
  const before = replica.copy.head;
  await statics.replace([
    { id: 'a', name: 'A' },
    { id: 'b', name: 'B' },
  ]);
  t.equal(replica.copy.head, before);
  await statics.replace([
    { id: 'c', name: 'C' },
    { id: 'a', name: 'A' },
  ]);
  t.equal(replica.copy.history.last?.prev, before);
  t.same([...replica.copy.manifest.compositors()].map(([id]) => id).sort(), ['a', 'c']);
  t.equal(replica.copy.manifest.tileCount, 0);
});

t.test('two lists at once: the later one stands', async (t) => {
  const { statics, replica } = await withStatic(t, []);
  await Promise.all([
    statics.replace([{ id: 'a', name: 'A' }]),
    statics.replace([{ id: 'b', name: 'B' }]),
    statics.replace([]),
    statics.replace([{ id: 'c', name: 'C' }]),
  ]);
  t.same(
    [...replica.copy.manifest.compositors()].map(([id]) => id),
    ['c'],
  );
});

t.test('who registered under an id that is listed now is taken over, and leaves with the list', async (t) => {
  const { statics, registry, replica } = await withStatic(t, []);
  await registry.register({ id: 'a', name: 'Own' }, 'claim');
  await statics.replace([{ id: 'a', name: 'Listed' }]);
  t.match(registry.get('a'), { name: 'Listed', managedBy: 'test', generation: undefined });
  await statics.replace([]);
  t.equal(replica.copy.manifest.compositor('a'), undefined);
});
