import fc from 'fast-check';
import t from 'tap';
import {
  refusesOnlyWrites,
  STORE_REASONS,
  type StoreFault,
  type StoreReason,
} from '../../src/domain/store-error.ts';
import {
  isWorse,
  nextStatus,
  reasonFlags,
  sameFault,
  worstOf,
  type StoreFaults,
  type StoreStatus,
} from '../../src/domain/store-status.ts';

const REASONS = Object.keys(STORE_REASONS) as StoreReason[];
const fault: fc.Arbitrary<StoreFault> = fc.record({
  reason: fc.constantFrom(...REASONS),
  message: fc.string(),
});
const maybe = fc.option(fault, { nil: undefined });
const faults: fc.Arbitrary<StoreFaults> = fc.record({ away: maybe, refusing: maybe, risk: maybe });
const WELL: StoreStatus = { state: 'ok', reason: null, since: 0, lastError: null };

t.test('what is worst counts, and is only better when it is gone', async () => {
  fc.assert(
    fc.property(faults, (all) => {
      const { state, fault: shown } = worstOf(all);
      const expected = all.away ?? all.refusing ?? all.risk;
      return shown === expected && (state === 'ok') === (expected === undefined);
    }),
  );
  fc.assert(
    fc.property(faults, fault, (all, away) => !isWorse(worstOf(all).state, worstOf({ ...all, away }).state)),
  );
});

t.test('`since` is when the state or its reason changed, whatever else was said', async () => {
  fc.assert(
    fc.property(fc.array(faults, { minLength: 1 }), (history) => {
      let status = WELL;
      let since = 0;
      history.forEach((all, i) => {
        const next = nextStatus(status, all, i + 1);
        if (!sameFault(next, status)) since = i + 1;
        status = next;
      });
      return status.since === since;
    }),
  );
});

t.test('an error is one line, and is remembered when it is over', async (t) => {
  const full: StoreFault = { reason: 'full', message: 'OOM\n  at x' };
  const refusing = nextStatus(WELL, { refusing: full }, 5);
  t.strictSame(refusing, { state: 'refusing', reason: 'full', since: 5, lastError: 'OOM' });
  t.equal(nextStatus(refusing, { refusing: full }, 6), refusing, 'nothing new');
  t.strictSame(nextStatus(refusing, {}, 7), { state: 'ok', reason: null, since: 7, lastError: 'OOM' });
});

t.test('one reason at most is flagged, of a closed list', async (t) => {
  fc.assert(
    fc.property(faults, (all) => {
      const flags = reasonFlags(nextStatus(WELL, all, 1));
      const set = flags.filter(([, value]) => value === 1);
      return flags.length === REASONS.length && set.length === (worstOf(all).fault ? 1 : 0);
    }),
  );
  for (const reason of ['unreachable', 'frozen', 'loading', 'password-wrong'] as const)
    t.notOk(refusesOnlyWrites(reason), reason);
  for (const reason of ['full', 'disk-full', 'read-only', 'not-saving', 'right-missing'] as const)
    t.ok(refusesOnlyWrites(reason), reason);
});
