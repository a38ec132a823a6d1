import t from 'tap';
import { momentOf } from '../../web/panels/times.ts';
import { ServerClock } from '../../web/map/server-clock.ts';
import { agesAt, agesNow } from '../../web/page/age.ts';

const DAY = 86_400_000;

/** A clock after messages that took so many ms, on a machine whose own clock is `ahead` of the daemon's. */
function clockAfter(ahead: number, ...took: number[]): ServerClock {
  let local = 0;
  const clock = new ServerClock(() => local);
  for (const [i, ms] of took.entries()) {
    const sent = 1_000_000 + i * 15_000;
    local = sent + ms + ahead;
    clock.observe(sent);
  }
  return clock;
}

t.test('a machine whose clock is right is believed', async (t) => {
  t.equal(new ServerClock(() => 5).now(), 5, 'also before any message');
  t.equal(clockAfter(0, 30, 700).skew, 0, 'and what a message takes counts as delay');
});

// A page on a laptop that was a day behind showed delays of 0 ms, one that was a day ahead showed 86400.0 s.
t.test('a clock that is a day off is set right by the fastest message', async (t) => {
  t.equal(clockAfter(DAY, 900, 40, 300).skew, DAY + 40);
  t.equal(clockAfter(-DAY, 900, 40, 300).skew, -DAY + 40);
  t.equal(clockAfter(-DAY, 40).now(), 1_000_000, "the daemon's time");
  t.equal(clockAfter(-500, 100).skew, -400, 'one that is a little behind would make delays negative');
});

t.test('a clock that was set meanwhile counts as it is now', async (t) => {
  let local = DAY;
  const clock = new ServerClock(() => local);
  clock.observe(0);
  for (let i = 0; i < 8; i++) clock.observe((local = 1000 * i));
  t.equal(clock.skew, 0);
  clock.observe(NaN);
  t.equal(clock.skew, 0, 'a time that is none counts for nothing');
});

t.test('ages are words, also of timestamps that no clock can show', async (t) => {
  const now = 1_800_000_000;
  for (const [timestamp, text] of [
    [now + DAY, 'now'],
    [now - 1, 'now'],
    [now - 90, '90 s ago'],
    [now - 600, '10 min ago'],
    [now - 7200, '2 h ago'],
    [now - 400_000, '2027-01-10'],
    [-1e300, 'long ago'],
  ] as const)
    t.equal(agesNow(now * 1000)(timestamp * 1000), text);
});

// In the past a tile that had just been written said "now", and another one "60 s ago": of a moment that was hours before.
t.test('ages at a moment of the past end at that moment', async (t) => {
  const ageOf = agesAt(1_800_000_000_000);
  t.equal(ageOf(1_800_000_000_000), 'at that moment');
  t.equal(ageOf(1_799_999_940_000), '60 s before');
  t.match(momentOf(1_799_999_940_000, ageOf), /^60 s before · .*2027/);
  t.match(momentOf(1_700_000_000_000, ageOf), /^[^·]*2023[^·]*$/, 'what is long before has a date');
});
