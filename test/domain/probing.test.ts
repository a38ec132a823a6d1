import t from 'tap';
import { afterProbe, probeDelay, type ProbeState } from '../../src/domain/probing.ts';

t.test('the link turns only after enough probes in a row', async (t) => {
  const run = (text: string, link?: ProbeState['link'], passes = 1) =>
    text
      .split(' ')
      .reduce<ProbeState>((state, probe) => afterProbe(state, probe === '+', { failures: 3, passes }), {
        link,
        failures: 0,
        passes: 0,
      }).link;
  t.equal(run('+'), 'connected');
  t.equal(run('- -'), undefined);
  t.equal(run('- - -'), 'disconnected');
  t.equal(run('- - + - - + - -', 'connected'), 'connected');
  t.equal(run('+ - - -'), 'disconnected');
  t.equal(run('- - - +'), 'connected');
  t.equal(run('- - - +', undefined, 2), 'disconnected');
  t.equal(run('- - - + +', undefined, 2), 'connected');
});

t.test('when the next probe is due', async (t) => {
  const delays = (link: ProbeState['link'], failures: number, passes: number) =>
    [0, 0.5, 0.999].map((random) => probeDelay({ link, failures, passes }, 10_000, random));
  t.same(
    delays('connected', 0, 1).map(Math.round),
    [0, 5000, 9990],
    'spread over the interval after a connect',
  );
  t.same(delays('connected', 0, 9).map(Math.round), [9500, 10000, 10499]);
  for (const ms of delays('connected', 1, 0))
    t.ok(ms >= 1500 && ms <= 2500, 'soon, while failures are below the threshold');
  for (const failures of [3, 10, 1_000_000]) {
    const [least, , most] = delays('disconnected', failures, 0);
    t.ok(least! <= 500 && most! > 10_000 && most! <= 20_500, `full jitter: ${least} to ${most}`);
  }
});
