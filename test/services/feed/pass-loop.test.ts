import t from 'tap';
import type { Commit } from '../../../src/domain/commit.ts';
import { GENESIS } from '../../../src/domain/cursor.ts';
import { emptyPatch } from '../../../src/domain/patch.ts';
import { WHOLE } from '../../../src/domain/view.ts';
import { Round } from '../../../src/services/feed/round.ts';
import { PassLoop, type Group, type Served } from '../../../src/services/feed/pass-loop.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const COMMIT: Commit = {
  cursor: '1-00000001',
  prev: GENESIS,
  id: 'one',
  patch: emptyPatch(),
  undo: emptyPatch(),
  digest: '0-00000000',
  committedAt: 0,
  by: 'wall',
  origin: 'test',
};

/** A loop over these readers that goes from one to the next only when the clock lets other work run. */
function loopOver(readers: Map<Group, Set<Served>>) {
  const clock = new ManualClock();
  let passes = 0;
  let worked = 0;
  const loop = new PassLoop({
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic() + worked,
      soon: (run) => clock.soon(run),
      after: (ms, run) => clock.after(ms, run),
    },
    log: { error: (fields) => t.fail('a pass failed', fields) },
    slice: 1,
    readersOf: (group) => readers.get(group) ?? new Set(),
    passed: () => (passes += 1),
  });
  /** Work that took so many milliseconds. */
  const work = (ms: number) => (worked += ms);
  return { clock, loop, work, passes: () => passes };
}

function groupOf(members: Set<Served>, began: () => void): Group {
  const group: Group = {
    round: undefined,
    idle: true,
    beginRound: () => {
      began();
      return (group.round = new Round(WHOLE, '', [COMMIT]));
    },
  };
  for (const member of members) Object.assign(member, { group });
  return group;
}

function reader(calls: string[], name: string, advanced: () => void = () => undefined): Served {
  return {
    group: undefined as unknown as Group,
    output: { sink: { gzip: false } },
    advance: () => {
      calls.push(`${name} sends more`);
      advanced();
      return false;
    },
    serve: () => {
      calls.push(`${name} gets the change`);
      return false;
    },
  };
}

// A pass let every ready reader send parts of its snapshot before it looked for new commits: 1,500 streams of one client, each
// with a view of its own, made a change arrive half a second late at everybody else.
t.test('a change overtakes the snapshots that are under way', async (t) => {
  const calls: string[] = [];
  const quick = new Set([reader(calls, 'quick')]);
  const shared = groupOf(quick, () => undefined);
  const slow = new Set([
    reader(calls, 'first', () => {
      loop.touch(shared);
      loop.runSoon();
    }),
    reader(calls, 'second'),
    reader(calls, 'third'),
  ]);
  const own = groupOf(slow, () => undefined);
  const { clock, loop, passes } = loopOver(
    new Map([
      [shared, quick],
      [own, slow],
    ]),
  );
  for (const each of slow) loop.wake(each);
  loop.runSoon();
  while (passes() === 0) await clock.advance(0);
  t.strictSame(calls, ['first sends more', 'quick gets the change', 'second sends more', 'third sends more']);
});

// One client with a thousand views of its own would otherwise be served before those who share one.
t.test('a round begins with what many share', async (t) => {
  const calls: string[] = [];
  const alone = new Set([reader(calls, 'alone')]);
  const together = new Set([reader(calls, 'one of two'), reader(calls, 'two of two')]);
  const own = groupOf(alone, () => undefined);
  const shared = groupOf(together, () => undefined);
  const { clock, loop, passes } = loopOver(
    new Map([
      [own, alone],
      [shared, together],
    ]),
  );
  loop.touch(own);
  loop.touch(shared);
  loop.runSoon();
  while (passes() === 0) await clock.advance(0);
  t.strictSame(calls, ['one of two gets the change', 'two of two gets the change', 'alone gets the change']);
});

// What went wrong: long rounds rested 50 ms at most, in which one slice of snapshots was sent. With changes that every view shows, 5,000
// new readers had to wait for minutes.
t.test('rounds that take long leave as much time to those who wait for a snapshot', async (t) => {
  const LONG = 400;
  const calls: string[] = [];
  const exact = new Set([reader(calls, 'exact')]);
  const seen = groupOf(exact, () => work(LONG));
  const joining = new Set([reader(calls, 'new')]);
  for (const each of joining) {
    let left = 20;
    each.advance = () => {
      work(30);
      // Another change has come meanwhile.
      loop.touch(seen);
      calls.push('new sends a part');
      return (left -= 1) > 0;
    };
  }
  const own = groupOf(joining, () => undefined);
  const { clock, loop, work } = loopOver(
    new Map([
      [seen, exact],
      [own, joining],
    ]),
  );
  for (const each of joining) loop.wake(each);
  loop.touch(seen);
  loop.runSoon();
  for (let i = 0; i < 200 && calls.filter((call) => call === 'new sends a part').length < 20; i++)
    await clock.advance(10);
  const rounds = calls.filter((call) => call === 'exact gets the change').length;
  t.ok(rounds >= 1 && rounds <= 4, `${rounds} rounds beside 600 ms of parts`);
});

t.test('a new reader is served at once while there is time, and later in its turn', async (t) => {
  const calls: string[] = [];
  const names = ['first', 'second', 'third'];
  const members = new Set(names.map((name) => reader(calls, name)));
  const group = groupOf(members, () => undefined);
  const { clock, loop, passes } = loopOver(new Map([[group, members]]));
  for (const each of members) loop.admit(each);
  t.strictSame(calls, ['first sends more'], 'one at a time is served here');
  while (passes() === 0) await clock.advance(0);
  t.strictSame(calls, ['first sends more', 'second sends more', 'third sends more']);
});

t.test('a new reader that goes while it waits is not served', async (t) => {
  const calls: string[] = [];
  const members = new Set(['first', 'second'].map((name) => reader(calls, name)));
  const group = groupOf(members, () => undefined);
  const { clock, loop, passes } = loopOver(new Map([[group, members]]));
  const [first, second] = [...members];
  loop.admit(first!);
  loop.admit(second!);
  members.delete(second!);
  loop.forget(second!);
  while (passes() === 0) await clock.advance(0);
  t.strictSame(calls, ['first sends more']);
});
