// What went wrong: whoever signs in with a JWT got no session: a browser, whose EventSource sends no header, could not read the map.
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { build, type BuildOptions } from '../support/build.ts';
import { ClockAhead } from '../support/clock-ahead.ts';
import { JwtIssuer } from '../support/jwt-issuer.ts';
import { startRedis } from '../support/redis-server.ts';

async function daemon(t: Test, issuer: JwtIssuer, options: BuildOptions = {}) {
  const { jwt, ...settings } = options.settings ?? {};
  const built = await build(t, {
    ...options,
    settings: { jwt: { ...issuer.settings, tolerance: 0, ...jwt }, ...settings },
  });
  const login = async (token: string) => {
    const reply = await built.inject({ method: 'POST', url: '/session', payload: { token } });
    return { ...reply, cookie: String(reply.headers['set-cookie'] ?? '') };
  };
  const status = async (cookie: string, url = '/manifest', method: 'GET' | 'PUT' = 'GET') =>
    (
      await built.inject({
        method,
        url,
        headers: { cookie: cookie.split(';')[0]! },
        ...(method === 'PUT' && { payload: { name: 'Wall' } }),
      })
    ).status;
  return { ...built, login, status };
}

t.test('a JWT begins a session that reads, does nothing else, and ends with the JWT', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const clock = new ClockAhead();
  const { login, status, log } = await daemon(t, issuer, { clock, settings: { session: { maxAge: 3600 } } });
  const exp = Math.floor(clock.now() / 1000) + 600;
  const token = await issuer.sign({ scope: 'read write admin', compositors: ['wall'], exp });
  const { status: begun, cookie } = await login(token);
  t.equal(begun, 204);
  t.match(cookie, /HttpOnly; SameSite=Strict/);
  const [, seconds] = /Max-Age=(\d+)/.exec(cookie)!;
  t.ok(Number(seconds) <= 600 && Number(seconds) > 590, `${seconds} s`);
  t.notMatch(cookie, token.split('.')[2]!, 'it is not the token');
  t.equal(await status(cookie), 200);
  t.equal(await status(cookie, '/compositors/wall', 'PUT'), 403, 'whatever the token may do');
  // Not the last letter: two of its bits say nothing.
  t.equal(await status(cookie.replace(/.(?=.{5};)/, (one) => (one === 'A' ? 'B' : 'A'))), 401, 'forged');
  t.notMatch(JSON.stringify(log), /eyJ/, 'neither token nor session is in the log');
  clock.ahead += 601_000;
  t.equal(await status(cookie), 401);
});

t.test('it ends no later than the exp, though the token is good for a little longer', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const clock = new ClockAhead();
  const { login } = await daemon(t, issuer, { clock, settings: { jwt: { tolerance: 30 } } });
  const now = Math.floor(clock.now() / 1000);
  t.match((await login(await issuer.sign({ scope: 'read', exp: now + 100 }))).cookie, /Max-Age=(?:99|100);/);
  t.match(await login(await issuer.sign({ scope: 'read', exp: now - 5 })), { status: 401, cookie: '' });
});

t.test('none for a token that is not good, that may not read, or whose claims fit no cookie', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const { login, status } = await daemon(t, issuer);
  t.match(await login(await issuer.sign({ iss: 'x' })), { status: 401, cookie: '' });
  const { cookie } = await login(await issuer.sign({ scope: 'write' }));
  t.equal(await status(cookie), 403);
  const compositors = Array.from({ length: 140 }, (_, i) => `a-long-name-of-a-wall-${i}`);
  t.match(await login(await issuer.sign({ scope: 'read', compositors })), {
    status: 413,
    json: { type: '/problems/too-large' },
    cookie: '',
  });
});

t.test(
  'every replica on one store knows it, also after a restart; one with another issuer does not',
  async (t) => {
    const issuer = await JwtIssuer.start(t);
    const redis = await startRedis(t);
    const shared = { settings: { store: redis.url } };
    const first = await daemon(t, issuer, shared);
    const { cookie } = await first.login(await issuer.sign({ scope: 'read' }));
    await first.app.close();
    const second = await daemon(t, issuer, shared);
    t.equal(await second.status(cookie), 200);
    const other = await daemon(t, issuer, {
      settings: { store: redis.url, jwt: { issuer: 'https://another.example' } },
    });
    t.equal(await other.status(cookie), 401);

    // The store lost it: the first session that is begun makes another, which the other replicas find.
    await redis.client().flushall();
    const clock = new ClockAhead();
    const third = await daemon(t, issuer, { ...shared, clock });
    const { cookie: newer } = await third.login(await issuer.sign({ scope: 'read' }));
    t.equal(await third.status(newer), 200);
    await redis.client().set('{compositord}:secret', '00'.repeat(32));
    const fourth = await daemon(t, issuer, shared);
    const { cookie: newest } = await fourth.login(await issuer.sign({ scope: 'read' }));
    t.equal(await third.status(newest), 401);
    clock.ahead += 10_001;
    await eventually(async () => (await third.status(newest)) === 200, 'it looks for the key again');
  },
);

t.test('replicas on one folder know it, too', async (t) => {
  const issuer = await JwtIssuer.start(t);
  const first = await daemon(t, issuer);
  const { store } = first.config.settings;
  const second = await daemon(t, issuer, { settings: { store } });
  const { cookie } = await first.login(await issuer.sign({ scope: 'read' }));
  t.equal(await second.status(cookie), 200);
});
