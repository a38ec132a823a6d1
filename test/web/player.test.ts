import t from 'tap';
import { nextSpeed, Player, speedFor } from '../../web/past/player.ts';

function player(ends = Infinity) {
  const there = { at: 0, ready: true, states: [] as boolean[] };
  const it = new Player({
    onStep: (commits) => {
      there.at = Math.min(ends, there.at + commits);
      return there.at < ends;
    },
    isReady: () => there.ready,
    onState: (playing) => there.states.push(playing),
  });
  return Object.assign(there, { it });
}

t.test('speed 1 shows each commit, faster ones as many more', async (t) => {
  const slow = player();
  for (let i = 0; i < 16; i++) slow.it.tick();
  t.equal(slow.at, 8, '4 a second');
  const fast = player();
  fast.it.speed = 16;
  for (let i = 0; i < 16; i++) fast.it.tick();
  t.equal(fast.at, 16 * 8);
});

t.test('what is not there yet is waited for, and not passed over', async (t) => {
  const slow = player();
  slow.ready = false;
  for (let i = 0; i < 100; i++) slow.it.tick();
  slow.ready = true;
  for (let i = 0; i < 2; i++) slow.it.tick();
  t.equal(slow.at, 1);
});

t.test('it stops at the end, and when it is told to', async (t) => {
  const there = player(3);
  there.it.start();
  there.it.start();
  t.ok(there.it.isPlaying);
  for (let i = 0; i < 6; i++) there.it.tick();
  t.notOk(there.it.isPlaying);
  there.it.start();
  there.it.stop();
  t.strictSame(there.states, [true, false, true, false]);
});

t.test('a long history plays in a minute at first, as far as it can', async (t) => {
  t.strictSame([2, 240, 241, 10_000, 1e6].map(speedFor), [1, 1, 4, 64, 256]);
  t.strictSame([1, 64, 256].map(nextSpeed), [4, 256, 1], 'and the button goes round');
});
