import t from 'tap';
import { DismissStack } from '../../web/page/dismiss.ts';

t.test('what was opened last closes first, and what closed in another way is not closed again', async (t) => {
  const stack = new DismissStack();
  const closed: string[] = [];
  stack.opened(() => closed.push('panel'));
  const listClosed = stack.opened(() => closed.push('list'));
  stack.opened(() => closed.push('menu'));
  listClosed();
  t.ok(stack.dismiss());
  t.ok(stack.dismiss());
  t.notOk(stack.dismiss(), 'nothing is open any more');
  t.strictSame(closed, ['menu', 'panel']);
});
