import fc from 'fast-check';
import t from 'tap';
import { clientGroup } from '../../../src/domain/client-group.ts';
import { RateLimit } from '../../../src/services/access/rate-limit.ts';
import { UseLimit } from '../../../src/services/access/use-limit.ts';
import { law } from '../../domain/law.ts';

t.test('whom an address belongs to', async (t) => {
  const cases: [string, string][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['unknown', 'unknown'],
  ];
  for (const [address, group] of cases) t.equal(clientGroup(address), group, address);
});

law(
  t,
  'a client never gets more than its burst and its rate, and always as much when it asks for no more',
  [fc.integer({ min: 1, max: 50 }), fc.array(fc.nat(300), { maxLength: 300 })],
  (perSecond, pauses) => {
    const limit = new RateLimit({ perSecond, seconds: 2 });
    const accepted: number[] = [];
    let now = 1000;
    let left = limit.burst;
    for (const pause of pauses) {
      now += pause;
      left = Math.min(limit.burst, left + (pause * perSecond) / 1000);
      const { retryAfter, remaining } = limit.take('a', now);
      if (retryAfter === 0) {
        accepted.push(now);
        left -= 1;
        if (Math.abs(remaining - left) > 1.01) throw new Error(`${remaining} remain, not ${left}`);
      } else if (left > 1.01) {
        throw new Error(`refused with ${left} left`);
      } else if (retryAfter > 1000 / perSecond + 1) {
        throw new Error(`to come back after ${retryAfter} ms`);
      }
    }
    for (const [i, from] of accepted.entries())
      for (const [j, to] of accepted.entries())
        if (j >= i && j - i + 1 > limit.burst + ((to - from) * perSecond) / 1000 + 1.01)
          throw new Error('too many');
  },
);

t.test('each client has an allowance of its own, and quiet ones are forgotten', async (t) => {
  const limit = new RateLimit({ perSecond: 1, seconds: 1 });
  t.equal(limit.take('a', 0).retryAfter, 0);
  t.equal(limit.take('a', 500).retryAfter, 500.0 - 1);
  t.equal(limit.take('b', 500).retryAfter, 0);
  t.equal(limit.refused, 1);
  for (let i = 0; i < 50_000; i++) limit.take(`c${i}`, 10_000 + i);
  t.equal(limit.take('a', 70_000).retryAfter, 0);
});

t.test('uses at the same time', async (t) => {
  const limit = new UseLimit(2);
  const one = limit.take(['a', 'token x']);
  const two = limit.take(['b', 'token x']);
  t.equal(limit.take(['c', 'token x']), undefined, 'the token has two');
  t.ok(limit.take(['c']), 'the address has none: a refusal counted nothing');
  one?.();
  one?.();
  const three = limit.take(['a', 'token x']);
  t.ok(three);
  t.equal(limit.take(['a', 'token x']), undefined, 'given back once, however often it is called');
  two?.();
  three?.();
  t.equal(limit.refused, 2);
});
