import t from 'tap';
import { makeCompositor, type Compositor } from '../../src/domain/compositor.ts';
import { blank } from '../../src/domain/holder.ts';
import { judged, type Verdict } from '../../src/domain/hysteresis.ts';
import { targetOf, withFinding, type Finding } from '../../src/domain/link.ts';
import { probeDelay } from '../../src/domain/probe-pace.ts';
import { describe } from '../../src/domain/registration.ts';

const entry = (more: Partial<Compositor> = {}): Compositor =>
  makeCompositor({
    ...blank,
    id: 'wall',
    name: 'Wall',
    labels: {},
    capabilities: [],
    enabled: true,
    registeredAt: 'now',
    protocol: 'http',
    address: '127.0.0.1',
    port: 5000,
    generation: 'g1',
    ...more,
  });
const target = { id: 'wall', protocol: 'http', address: '127.0.0.1', port: 5000 } as const;
const found = (more: Partial<Finding> = {}): Finding => ({
  target,
  generation: 'g1',
  link: 'connected',
  ...more,
});

t.test('whom a connector is for', async (t) => {
  t.strictSame(targetOf(entry()), target);
  const none: Partial<Compositor>[] = [{ enabled: false }, { staleAt: 'then' }];
  for (const more of none) t.equal(targetOf(entry(more)), undefined, JSON.stringify(more));
  for (const field of ['protocol', 'address', 'port'] as const)
    t.equal(targetOf(makeCompositor({ ...blank, ...entry(), [field]: undefined })), undefined, field);
  const multi = makeCompositor({ ...blank, ...entry(), protocol: 'libp2p', port: undefined });
  t.strictSame(targetOf(multi), {
    id: 'wall',
    protocol: 'libp2p',
    address: '127.0.0.1',
  });
  t.equal(targetOf(undefined), undefined);
});

t.test('a finding is for the registration and the place that it was made of', async (t) => {
  t.match(withFinding(entry(), found({ info: { a: 1 } })), {
    status: 'connected',
    link: 'connected',
    info: { a: 1 },
  });
  t.match(withFinding(entry(), found({ link: 'disconnected' })), { status: 'disconnected' });
  for (const [other, what] of [
    [undefined, 'gone'],
    [entry({ generation: 'g2' }), 'another registration'],
    [entry({ port: 5001 }), 'another place'],
    [entry({ enabled: false }), 'stopped'],
    [entry({ staleAt: 'then' }), 'stale'],
  ] as const)
    t.equal(withFinding(other, found()), undefined, what);
  const known = entry({ link: 'connected', info: { a: 1 } });
  t.equal(withFinding(known, found({ info: { a: 1 } })), undefined, 'no news');
  t.match(withFinding(known, found({ info: { a: 2 } })), { info: { a: 2 } });
  t.notOk('info' in withFinding(known, found({ link: 'disconnected', info: { a: 1 } }))!);
});

t.test('what a connector saw goes with its reason to look', async (t) => {
  const known = entry({ link: 'connected', info: { a: 1 } });
  t.match(describe(known, { name: 'New' }), { link: 'connected', info: { a: 1 } });
  for (const change of [{ enabled: false }, { port: 5001 }, { address: null }, { protocol: 'ws' as const }]) {
    const after = describe(known, change);
    t.notOk('link' in after || 'info' in after, JSON.stringify(change));
  }
});

t.test('a verdict needs a run of probes', async (t) => {
  const run = (text: string, link?: Verdict['link'], passes = 1) =>
    text
      .split(' ')
      .reduce<Verdict>((verdict, probe) => judged(verdict, probe === '+', { failures: 3, passes }), {
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
  const delays = (link: Verdict['link'], failures: number, passes: number) =>
    [0, 0.5, 0.999].map((random) => probeDelay({ link, failures, passes }, { interval: 10_000 }, random));
  t.same(
    delays('connected', 0, 1).map(Math.round),
    [0, 5000, 9990],
    'spread over the interval after a connect',
  );
  t.same(delays('connected', 0, 9).map(Math.round), [9500, 10000, 10499]);
  for (const ms of delays('connected', 1, 0)) t.ok(ms >= 1500 && ms <= 2500, 'soon, while it is in doubt');
  for (const failures of [3, 10, 1_000_000]) {
    const [least, , most] = delays('disconnected', failures, 0);
    t.ok(least! <= 500 && most! > 10_000 && most! <= 20_500, `full jitter: ${least} to ${most}`);
  }
});
