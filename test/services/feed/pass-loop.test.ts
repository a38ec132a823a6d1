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
  const loop = new PassLoop({
    clock,
    log: { error: (fields) => t.fail('a pass failed', fields) },
    slice: 1,
    readersOf: (group) => readers.get(group) ?? new Set(),
    passed: () => (passes += 1),
  });
  return { clock, loop, passes: () => passes };
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
