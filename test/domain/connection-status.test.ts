import t from 'tap';
import { makeCompositor, type Compositor } from '../../src/domain/compositor.ts';
import { targetOf, withConnectionStatus, type ConnectionStatus } from '../../src/domain/connection-status.ts';
import { describe } from '../../src/domain/registration.ts';

const entry = (more: Partial<Compositor> = {}): Compositor =>
  makeCompositor({
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
const statusOf = (more: Partial<ConnectionStatus> = {}): ConnectionStatus => ({
  target,
  generation: 'g1',
  link: 'connected',
  ...more,
});

t.test('which compositors the daemon connects to', async (t) => {
  t.strictSame(targetOf(entry()), target);
  const none: Partial<Compositor>[] = [{ enabled: false }, { staleAt: 'then' }];
  for (const more of none) t.equal(targetOf(entry(more)), undefined, JSON.stringify(more));
  for (const field of ['protocol', 'address', 'port'] as const)
    t.equal(targetOf(makeCompositor({ ...entry(), [field]: undefined })), undefined, field);
  const multi = makeCompositor({ ...entry(), protocol: 'libp2p', port: undefined });
  t.strictSame(targetOf(multi), {
    id: 'wall',
    protocol: 'libp2p',
    address: '127.0.0.1',
  });
  t.equal(targetOf(undefined), undefined);
});

t.test('a status counts only for the registration and the endpoint it was taken from', async (t) => {
  t.match(withConnectionStatus(entry(), statusOf({ info: { a: 1 } })), {
    status: 'connected',
    link: 'connected',
    info: { a: 1 },
  });
  t.match(withConnectionStatus(entry(), statusOf({ link: 'disconnected' })), { status: 'disconnected' });
  for (const [other, what] of [
    [undefined, 'not registered'],
    [entry({ generation: 'g2' }), 'another registration'],
    [entry({ port: 5001 }), 'another endpoint'],
    [entry({ enabled: false }), 'stopped'],
    [entry({ staleAt: 'then' }), 'stale'],
  ] as const)
    t.equal(withConnectionStatus(other, statusOf()), undefined, what);
  const known = entry({ link: 'connected', info: { a: 1 } });
  t.equal(withConnectionStatus(known, statusOf({ info: { a: 1 } })), undefined, 'the entry shows it already');
  t.match(withConnectionStatus(known, statusOf({ info: { a: 2 } })), { info: { a: 2 } });
  t.notOk('info' in withConnectionStatus(known, statusOf({ link: 'disconnected', info: { a: 1 } }))!);
});

t.test('the link and the info go when the compositor is no longer probed there', async (t) => {
  const known = entry({ link: 'connected', info: { a: 1 } });
  t.match(describe(known, { name: 'New' }), { link: 'connected', info: { a: 1 } });
  for (const change of [{ enabled: false }, { port: 5001 }, { address: null }, { protocol: 'ws' as const }]) {
    const after = describe(known, change);
    t.notOk('link' in after || 'info' in after, JSON.stringify(change));
  }
});
