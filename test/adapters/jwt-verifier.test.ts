import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UnsecuredJWT } from 'jose';
import t, { type Test } from 'tap';
import { JwtVerifier } from '../../src/adapters/jwt/jwt-verifier.ts';
import type { Clock } from '../../src/domain/clock.ts';
import { SystemClock } from '../../src/adapters/system-clock.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { JwtIssuer } from '../support/jwt-issuer.ts';

/** The real time, and `ahead` more. */
class ShiftedClock extends SystemClock {
  ahead = 0;
  override now(): number {
    return super.now() + this.ahead;
  }
  override monotonic(): number {
    return super.monotonic() + this.ahead;
  }
}

const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA'];
const now = () => Math.floor(Date.now() / 1000);

function verifierOf(issuer: JwtIssuer, options: { jwks?: string; clock?: Clock } = {}) {
  const warnings: unknown[] = [];
  const warn = (fields: unknown) => void warnings.push(fields);
  const log = { debug: warn, info: warn, warn, error: warn } as never;
  const verifier = new JwtVerifier({
    ...issuer.settings,
    algorithms: ALGORITHMS,
    tolerance: 30,
    clock: new SystemClock(),
    log,
    ...options,
  });
  return { verifier, warnings };
}

const start = async (t: Test) => JwtIssuer.start(t);

t.test('the claims say what a token permits, and until when', async (t) => {
  const issuer = await start(t);
  const { verifier } = verifierOf(issuer);
  const exp = now() + 100;
  const token = await issuer.sign({
    exp,
    scope: 'openid read write',
    compositors: ['wall', 'desk-*'],
    view: '9,9,0,0',
    quota: { tiles: 10 },
  });
  const principal = await verifier.verify(token);
  t.match(principal, {
    key: /^jwt:[0-9a-f]{64}$/,
    name: 'jwt:alice',
    scopes: ['read', 'write'],
    compositors: ['wall', 'desk-*'],
    view: { x1: 0, y1: 0, x2: 9, y2: 9 },
    quota: { tiles: 10 },
    expiresAt: (exp + 30) * 1000,
  });
  t.equal(await verifier.verify(token), principal, 'it is verified once');
  t.match(await verifier.verify(await issuer.sign({ scopes: ['command', 'no-scope', 7] })), {
    scopes: ['command'],
  });
  t.match(await verifier.verify(await issuer.sign({ sub: undefined })), { name: 'jwt:', scopes: [] });
  t.equal(issuer.asked, 1);
});

t.test('what is not signed by the issuer for us, or has no end, is no token', async (t) => {
  const issuer = await start(t);
  await issuer.addKey('secret', 'ES256', false);
  await issuer.addKey('rsa', 'RS512');
  const { verifier } = verifierOf(issuer);
  const good = await issuer.sign({ scope: 'admin' });
  const [head, body, signature] = good.split('.') as [string, string, string];
  const admin = Buffer.from(
    JSON.stringify({ iss: issuer.issuer, aud: issuer.audience, exp: now() + 60, scope: 'admin' }),
  );
  for (const [name, token] of [
    ['another payload', `${head}.${admin.toString('base64url')}.${signature}`],
    ['no signature', `${head}.${body}.`],
    [
      'alg none',
      new UnsecuredJWT({ scope: 'admin' }).setIssuer(issuer.issuer).setExpirationTime('1h').encode(),
    ],
    ['an algorithm that is not allowed', await issuer.sign({}, { kid: 'rsa', alg: 'RS512' })],
    ['a key that was not published', await issuer.sign({}, { kid: 'secret' })],
    ['another issuer', await issuer.sign({ iss: 'https://evil.example' })],
    ['another audience', await issuer.sign({ aud: 'other' })],
    ['no audience', await issuer.sign({ aud: undefined })],
    ['no end', await issuer.sign({ exp: null })],
    ['expired', await issuer.sign({ exp: now() - 31 })],
    ['not yet valid', await issuer.sign({ nbf: now() + 60 })],
    ['compositors that are no ids', await issuer.sign({ compositors: ['A B'] })],
    ['compositors in a text', await issuer.sign({ compositors: 'wall' })],
    ['a view that is none', await issuer.sign({ view: '0,0,1' })],
    ['a quota that is none', await issuer.sign({ quota: { tiles: '10' } })],
  ] as const)
    t.equal(await verifier.verify(token), undefined, name);
  t.ok(await verifier.verify(await issuer.sign({ exp: now() - 20 })), 'clocks differ a little');
  t.ok(await verifier.verify(await issuer.sign({ aud: ['x', issuer.audience] })));
});

t.test('a remembered token ends, too', async (t) => {
  const issuer = await start(t);
  const clock = new ShiftedClock();
  const { verifier } = verifierOf(issuer, { clock });
  const token = await issuer.sign({ exp: now() + 60 });
  t.ok(await verifier.verify(token));
  clock.ahead = 89_000;
  t.ok(await verifier.verify(token));
  clock.ahead = 92_000;
  t.equal(await verifier.verify(token), undefined);
});

t.test('new keys are found, and unknown ones do not make us ask without end', async (t) => {
  const issuer = await start(t);
  const clock = new ShiftedClock();
  const { verifier } = verifierOf(issuer, { clock });
  const exp = now() + 3600;
  const old = await issuer.sign({ exp });
  t.ok(await verifier.verify(old));
  await issuer.addKey('second');
  const fresh = await issuer.sign({ exp }, { kid: 'second' });
  t.equal(await verifier.verify(fresh), undefined, 'within 30 s after the last read');
  t.equal(issuer.asked, 1);
  clock.ahead += 31_000;
  t.ok(await verifier.verify(fresh));
  t.equal(issuer.asked, 2);

  await issuer.addKey('nowhere', 'ES256', false);
  clock.ahead += 31_000;
  const stranger = await issuer.sign({ exp }, { kid: 'nowhere' });
  const results = await Promise.all(Array.from({ length: 50 }, async () => verifier.verify(stranger)));
  t.ok(results.every((each) => each === undefined));
  t.equal(issuer.asked, 3);

  issuer.keys.shift();
  clock.ahead += 601_000;
  t.ok(await verifier.verify(old), 'old keys are in use while new ones are fetched');
  await verifier.refresh();
  t.equal(await verifier.verify(old), undefined, 'a key that was taken back is good no longer');
  t.ok(await verifier.verify(fresh));
});

t.test('when the keys cannot be read, the last good ones stay', async (t) => {
  const issuer = await start(t);
  const { verifier, warnings } = verifierOf(issuer);
  t.ok(await verifier.verify(await issuer.sign({})));
  for (const [status, text] of [
    [500, undefined],
    [200, '<html>'],
    [200, '{}'],
    [200, `{"keys":[],"x":"${'x'.repeat(300_000)}"}`],
    [302, undefined],
  ] as const) {
    Object.assign(issuer, { status, text });
    await verifier.refresh();
    t.ok(await verifier.verify(await issuer.sign({})), `${status} ${text?.slice(0, 10)}`);
  }
  t.equal(warnings.length, 5);
});

t.test('an issuer that is away at the start is asked again', async (t) => {
  const issuer = await start(t);
  issuer.status = 503;
  const clock = new ShiftedClock();
  const { verifier, warnings } = verifierOf(issuer, { clock });
  const token = await issuer.sign({});
  t.equal(await verifier.verify(token), undefined);
  t.match(warnings, [{ jwks: issuer.jwks, error: 'it answered 503' }]);
  issuer.status = 200;
  t.equal(await verifier.verify(token), undefined, 'not with every token');
  clock.ahead = 31_000;
  t.ok(await verifier.verify(token));
});

t.test('keys in a file', async (t) => {
  const issuer = await start(t);
  const jwks = join(await temporaryFolder(t), 'jwks.json');
  writeFileSync(jwks, issuer.document);
  const { verifier } = verifierOf(issuer, { jwks });
  t.ok(await verifier.verify(await issuer.sign({})));
  await issuer.addKey('second');
  writeFileSync(jwks, issuer.document);
  await verifier.refresh();
  t.ok(await verifier.verify(await issuer.sign({}, { kid: 'second' })));
  t.equal(issuer.asked, 0);
});
