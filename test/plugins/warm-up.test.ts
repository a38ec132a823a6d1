import t from 'tap';
import { WarmUp } from '../../src/plugins/warm-up.ts';
import { ManualClock } from '../support/manual-clock.ts';

// The first request to a route compiled its schemas, and that of /openapi.json made the document: 25 to 75 ms in one turn.
t.test('what nobody has used yet is made one by one', async (t) => {
  const clock = new ManualClock();
  const warmUp = new WarmUp();
  const made: string[] = [];
  const thing = (name: string) =>
    warmUp.onFirstUse(() => {
      made.push(name);
      return { name };
    });
  const [first, second, third] = [thing('first'), thing('second'), thing('third')];
  const kept = second();
  t.strictSame(made, ['second'], 'at its first use');
  const stop = warmUp.start(clock);
  t.strictSame(made, ['second'], 'not in the same turn');
  await clock.advance(20);
  t.strictSame(made, ['second', 'first']);
  await clock.advance(40);
  t.strictSame(made, ['second', 'first', 'third']);
  t.equal(second(), kept, 'and once');
  t.match([first(), third()], [{ name: 'first' }, { name: 'third' }]);
  stop();
});

t.test('it can be stopped, and an error is for whoever uses the thing', async (t) => {
  const clock = new ManualClock();
  const warmUp = new WarmUp();
  const broken = warmUp.onFirstUse((): object => {
    throw new Error('broken');
  });
  let made = 0;
  warmUp.onFirstUse(() => ({ made: (made += 1) }));
  const stop = warmUp.start(clock);
  await clock.advance(20);
  stop();
  await clock.advance(100);
  t.equal(made, 0);
  t.throws(broken, /broken/);
});
