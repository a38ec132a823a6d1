import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { KeyMemory } from '../../src/domain/key-memory.ts';
import { law } from './law.ts';

const POLICY = { keys: 3, lasts: 1000, bytes: 10_000 };
const entry = (value: string) => ({ fingerprint: 'f', value });

/** A memory in which `key` of `owner` has ended at `now`. */
function ended(memory: KeyMemory<string>, owner: string, key: string, now: number, bytes = 10): void {
  memory.begin(owner, key, entry(`${owner} ${key}`));
  memory.end(owner, key, bytes, now);
}

t.test('what runs and what has ended is found; what was not done is not', async (t) => {
  const memory = new KeyMemory<string>(POLICY);
  t.equal(memory.find('wall', 'k', 0), undefined);
  memory.begin('wall', 'k', entry('a'));
  t.match(memory.find('wall', 'k', 9e9), entry('a'), 'for as long as it runs');
  memory.forget('wall', 'k');
  t.equal(memory.find('wall', 'k', 0), undefined);
  ended(memory, 'wall', 'k', 500);
  t.match(memory.find('wall', 'k', 1499), entry('wall k'));
  t.equal(memory.find('door', 'k', 500), undefined, 'of another compositor');
  t.equal(memory.find('wall', 'k', 1500), undefined, 'forgotten by age');
  memory.end('wall', 'never begun', 10, 0);
  t.equal(memory.find('wall', 'never begun', 0), undefined);
});

t.test('a key that was forgotten by age can be used again', async (t) => {
  const memory = new KeyMemory<string>(POLICY);
  ended(memory, 'wall', 'k', 0);
  memory.begin('wall', 'k', entry('b'));
  t.match(memory.find('wall', 'k', 2000), entry('b'));
  memory.end('wall', 'k', 10, 2000);
  t.match(memory.find('wall', 'k', 2999), entry('b'));
});

t.test('of one compositor the newest keys are kept, whatever others do', async (t) => {
  const memory = new KeyMemory<string>(POLICY);
  ended(memory, 'door', 'k', 0);
  for (const key of ['a', 'b', 'c', 'd']) ended(memory, 'wall', key, 0);
  t.equal(memory.find('wall', 'a', 0), undefined);
  for (const key of ['b', 'c', 'd']) t.ok(memory.find('wall', key, 0), key);
  t.ok(memory.find('door', 'k', 0));
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
    const memory = new KeyMemory<string>(POLICY);
    const running = new Map<string, string>();
    const done = new Map<string, { value: string; at: number; bytes: number }>();
    let now = 0;
    for (const [i, { owner, key, does, bytes, after }] of steps.entries()) {
      now += after;
      const name = `${owner} ${key}`;
      const value = running.get(name);
      if (does === 'begin' && !memory.find(owner, key, now)) {
        memory.begin(owner, key, entry(String(i)));
        running.set(name, String(i));
      } else if (does === 'end') {
        memory.end(owner, key, bytes, now);
        if (value !== undefined) done.set(name, { value, at: now, bytes });
      } else if (does === 'forget') memory.forget(owner, key);
      if (does !== 'begin') running.delete(name);

      let kept = 0;
      for (const owner of ['wall', 'door', 'roof', 'hall']) {
        let keys = 0;
        for (const key of 'abcde') {
          const found = memory.find(owner, key, now)?.value;
          const runs = running.get(`${owner} ${key}`);
          if (runs !== undefined) assert.equal(found, runs);
          if (runs !== undefined || found === undefined) continue;
          const was = done.get(`${owner} ${key}`);
          assert.equal(found, was?.value);
          assert.ok(was!.at + POLICY.lasts > now, 'old');
          keys += 1;
          kept += was!.bytes;
        }
        assert.ok(keys <= POLICY.keys);
      }
      assert.ok(kept <= POLICY.bytes);
    }
  },
);
