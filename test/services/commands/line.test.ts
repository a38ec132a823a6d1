import t from 'tap';
import { Line } from '../../../src/services/commands/line.ts';

const NEVER = new AbortController().signal;
/** Lets everything run that is not waiting. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

t.test('in order of coming, one at a time', async (t) => {
  const line = new Line({ places: 10 });
  const entered: string[] = [];
  const enter = (name: string) => void line.enter(NEVER).then(() => entered.push(name));
  for (const name of 'abc') enter(name);
  await settled();
  t.equal(entered.join(''), 'a');
  line.leave();
  enter('d');
  await settled();
  t.equal(entered.join(''), 'ab');
  line.leave();
  line.leave();
  await settled();
  t.equal(entered.join(''), 'abcd');
  line.leave();
  t.equal(await line.enter(NEVER), true);
});

t.test('who gives up loses the place, and nobody else does', async (t) => {
  const line = new Line({ places: 3 });
  await line.enter(NEVER);
  const leaver = new AbortController();
  const second = line.enter(leaver.signal);
  t.equal(line.full, false);
  const third = line.enter(NEVER);
  t.equal(line.full, true);
  leaver.abort();
  t.equal(await second, false);
  t.equal(line.full, false);
  line.leave();
  t.equal(await third, true);
  t.equal(await line.enter(leaver.signal), false, 'who comes when it is too late takes no place');
  line.leave();
  t.equal(await line.enter(NEVER), true);
});
