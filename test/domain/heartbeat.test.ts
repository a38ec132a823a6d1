import fc from 'fast-check';
import t from 'tap';
import { HeartbeatAnswers, inKind } from '../../src/domain/heartbeat.ts';
import { law } from './law.ts';

const NOW = 1_700_000_000_123;

t.test('a heartbeat is answered in its unit, and a whole number with a whole number', async (t) => {
  for (const [timestamp, answer] of [
    [NOW, NOW],
    [NOW + 0.5, NOW],
    [1_234_567_890, 1_700_000_000],
    [0, 1_700_000_000],
    [1_700_000_000.5, NOW / 1000],
    [undefined, NOW / 1000],
    [null, NOW / 1000],
    ['now', NOW / 1000],
    [NaN, NOW / 1000],
  ] as const)
    t.equal(inKind(timestamp, NOW), answer, String(timestamp));
  t.equal(inKind(NOW, NOW + 0.9), NOW, 'whole, whatever the clock says');
});

t.test('what was sent as a u64 is answered with a u64', async (t) => {
  law(t, 'for all', [fc.nat({ max: Number.MAX_SAFE_INTEGER }), fc.nat({ max: 4e12 })], (timestamp, now) => {
    t.ok(Number.isSafeInteger(inKind(timestamp, now + 0.25)));
  });
});

t.test('the answer to ours is one heartbeat, soon after', async (t) => {
  const answers = new HeartbeatAnswers();
  t.notOk(answers.isAnswer(0));
  answers.sent(1000);
  t.ok(answers.isAnswer(1500));
  t.notOk(answers.isAnswer(1501), 'there is one answer');
  answers.sent(2000);
  t.notOk(answers.isAnswer(4000), 'too late to be one');
});
