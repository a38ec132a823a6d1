import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { IdempotencyKeys } from '../../src/domain/idempotency-keys.ts';
import { law } from './law.ts';

const POLICY = { keys: 3, lasts: 1000, bytes: 10_000 };
const entry = (value: string) => ({ fingerprint: 'f', value });

/** A request of `owner` with `key` that ended at `now`. */
function ended(keys: IdempotencyKeys<string>, owner: string, key: string, now: number, bytes = 10): void {
  keys.begin(owner, key, entry(`${owner} ${key}`));
  keys.end(owner, key, bytes, now);
}

t.test('what runs and what has ended is found; what was not done is not', async (t) => {
  const keys = new IdempotencyKeys<string>(POLICY);
  t.equal(keys.find('wall', 'k', 0), undefined);
  keys.begin('wall', 'k', entry('a'));
  t.match(keys.find('wall', 'k', 9e9), entry('a'), 'for as long as it runs');
  keys.forget('wall', 'k');
  t.equal(keys.find('wall', 'k', 0), undefined);
  ended(keys, 'wall', 'k', 500);
  t.match(keys.find('wall', 'k', 1499), entry('wall k'));
  t.equal(keys.find('door', 'k', 500), undefined, 'of another compositor');
  t.equal(keys.find('wall', 'k', 1500), undefined, 'forgotten by age');
  keys.end('wall', 'never begun', 10, 0);
  t.equal(keys.find('wall', 'never begun', 0), undefined);
});

t.test('a key that was forgotten by age can be used again', async (t) => {
  const keys = new IdempotencyKeys<string>(POLICY);
  ended(keys, 'wall', 'k', 0);
  keys.begin('wall', 'k', entry('b'));
  t.match(keys.find('wall', 'k', 2000), entry('b'));
  keys.end('wall', 'k', 10, 2000);
  t.match(keys.find('wall', 'k', 2999), entry('b'));
});

t.test('of one compositor the newest keys are kept, whatever others do', async (t) => {
  const keys = new IdempotencyKeys<string>(POLICY);
  ended(keys, 'door', 'k', 0);
  for (const key of ['a', 'b', 'c', 'd']) ended(keys, 'wall', key, 0);
  t.equal(keys.find('wall', 'a', 0), undefined);
  for (const key of ['b', 'c', 'd']) t.ok(keys.find('wall', key, 0), key);
  t.ok(keys.find('door', 'k', 0));
});

const step = fc.record({
  owner: fc.constantFrom('wall', 'door', 'roof', 'hall'),
  key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  does: fc.constantFrom('begin', 'end', 'end', 'forget'),
  bytes: fc.integer({ min: 0, max: 5000 }),
  after: fc.integer({ min: 0, max: 400 }),
});

law(
  t,
  'however it is used, it finds what runs, else only what was done and is young, and no more than it may hold',
  [fc.array(step, { maxLength: 80 })],
  (steps) => {
    const keys = new IdempotencyKeys<string>(POLICY);
    const running = new Map<string, string>();
    const done = new Map<string, { value: string; at: number; bytes: number }>();
    let now = 0;
    for (const [i, { owner, key, does, bytes, after }] of steps.entries()) {
      now += after;
      const name = `${owner} ${key}`;
      const value = running.get(name);
      if (does === 'begin' && !keys.find(owner, key, now)) {
        keys.begin(owner, key, entry(String(i)));
        running.set(name, String(i));
      } else if (does === 'end') {
        keys.end(owner, key, bytes, now);
        if (value !== undefined) done.set(name, { value, at: now, bytes });
      } else if (does === 'forget') keys.forget(owner, key);
      if (does !== 'begin') running.delete(name);

      let kept = 0;
      for (const owner of ['wall', 'door', 'roof', 'hall']) {
        let count = 0;
        for (const key of 'abcde') {
          const found = keys.find(owner, key, now)?.value;
          const runs = running.get(`${owner} ${key}`);
          if (runs !== undefined) assert.equal(found, runs);
          if (runs !== undefined || found === undefined) continue;
          const was = done.get(`${owner} ${key}`);
          assert.equal(found, was?.value);
          assert.ok(was!.at + POLICY.lasts > now, 'old');
          count += 1;
          kept += was!.bytes;
        }
        assert.ok(count <= POLICY.keys);
      }
      assert.ok(kept <= POLICY.bytes);
    }
  },
);
