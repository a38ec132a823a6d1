import t from 'tap';
import { Guesses } from '../../../src/services/access/guesses.ts';
import { build } from '../../support/build.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { tokenFor } from '../../support/tokens.ts';

t.test('after some wrong tokens an address waits, and others do not', async (t) => {
  const clock = new ManualClock();
  const guesses = new Guesses({ clock });
  for (let i = 0; i < 30; i++) {
    guesses.requireFew('a');
    guesses.countWrong('a');
  }
  await clock.advance(20_000);
  const error = t.throws(() => guesses.requireFew('a'));
  t.match(error, { kind: 'rate-limited', extras: { retryAfter: 40 } });
  guesses.requireFew('b');
  await clock.advance(40_000);
  guesses.requireFew('a');
  guesses.countWrong('a');
  guesses.requireFew('a');
});

// What went wrong: each address of an IPv6 network had guesses of its own.
t.test('one network has the guesses of one client', async (t) => {
  const guesses = new Guesses({ clock: new ManualClock() });
  for (let i = 0; i < 30; i++) guesses.countWrong(`2001:db8::${i.toString(16)}`);
  t.throws(() => guesses.requireFew('2001:db8::ffff'));
  t.doesNotThrow(() => guesses.requireFew('2001:db8:0:1::1'));
});

t.test('it remembers a limited number of addresses', async (t) => {
  const guesses = new Guesses({ clock: new ManualClock() });
  for (let i = 0; i < 30; i++) guesses.countWrong('a');
  for (let i = 0; i < 10_000; i++) guesses.countWrong(`b${i}`);
  t.doesNotThrow(() => guesses.requireFew('a'));
});

t.test('sign-ins that go wrong again and again are answered 429', async (t) => {
  const eye = tokenFor('eye', ['read']);
  const { inject } = await build(t, { settings: { auth: [eye.entry] } });
  const login = async (token: string) => inject({ method: 'POST', url: '/session', payload: { token } });
  t.match(await login(eye.token), { status: 204 });
  for (let i = 0; i < 30; i++) t.equal((await login(`guess-${i}`)).status, 401);
  t.match(await login('guess'), {
    status: 429,
    headers: { 'retry-after': /^[1-6]?[0-9]$/ },
    json: { type: '/problems/rate-limited' },
  });
});
