import t from 'tap';
import { newToken, Tokens } from '../../../src/services/access/tokens.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { tokenFor } from '../../support/tokens.ts';

const wall = tokenFor('wall', ['read', 'write']);
const eye = tokenFor('eye', ['read']);
const clock = new ManualClock();

t.test('finds whose token it is, by its hash alone', async (t) => {
  const tokens = new Tokens({ access: { auth: [wall.entry, eye.entry], anonymous: [] }, clock });
  t.match(tokens.find(wall.token), { name: 'wall', scopes: ['read', 'write'] });
  t.match(tokens.find(eye.token), { name: 'eye' });
  for (const wrong of ['', 'x', wall.entry.hash, `sha256:${wall.entry.hash}`, `${wall.token} `])
    t.equal(tokens.find(wrong), undefined, wrong);
  t.strictSame(tokens.anonymous.scopes, []);
  t.notOk(tokens.open);
});

t.test('what goes on under a token ends with it, and nothing else does', async (t) => {
  const tokens = new Tokens({ access: { auth: [wall.entry, eye.entry], anonymous: ['read'] }, clock });
  const ended: string[] = [];
  const hold = (name: string, principal = tokens.find(tokenFor(name, []).token) ?? tokens.anonymous) =>
    tokens.whileAllowed(principal, { scope: 'read' }, () => ended.push(name));
  hold('wall');
  hold('eye');
  hold('nobody');
  hold('eye')();
  tokens.replace({ auth: [wall.entry, eye.entry], anonymous: ['read'] });
  t.strictSame(ended, [], 'the same again changes nothing');
  tokens.replace({ auth: [wall.entry], anonymous: ['read'] });
  t.strictSame(ended, ['eye'], 'once, and not what was over already');
  tokens.replace({ auth: [{ ...wall.entry, scopes: ['write'] }], anonymous: [] });
  t.strictSame(ended, ['eye', 'wall', 'nobody'], 'a scope less is less, too');
  t.equal(tokens.find(eye.token), undefined);
  tokens.replace({ auth: [eye.entry], anonymous: [] });
  t.equal(ended.length, 3);
});

t.test('what begins under a token that was revoked in between ends at once', async (t) => {
  const tokens = new Tokens({ access: { auth: [eye.entry], anonymous: [] }, clock });
  const principal = tokens.find(eye.token)!;
  tokens.replace({ auth: [wall.entry], anonymous: [] });
  let ended = 0;
  tokens.whileAllowed(principal, { scope: 'read' }, () => ended++);
  t.equal(ended, 1);
});

t.test('from open to tokens: whoever came in without one goes', async (t) => {
  const tokens = new Tokens({ access: { auth: 'open', anonymous: [] }, clock });
  let ended = 0;
  tokens.whileAllowed(tokens.anonymous, { scope: 'read' }, () => ended++);
  tokens.replace({ auth: [wall.entry], anonymous: [] });
  t.equal(ended, 1);
});

t.test('a token of this process is known beside the listed ones, also after a reload', async (t) => {
  const tokens = new Tokens({ access: { auth: [wall.entry], anonymous: [] }, clock });
  const own = tokens.issue('demo', ['write']);
  t.match(tokens.find(own), { name: 'demo', scopes: ['write'] });
  tokens.replace({ auth: [eye.entry], anonymous: [] });
  t.match(tokens.find(own), { name: 'demo' });
});

t.test('made tokens are long, random, and fit for a header and a cookie', async (t) => {
  const made = newToken();
  t.match(made.token, /^cmp_[A-Za-z0-9_-]{43}$/);
  t.not(newToken().token, made.token);
  const tokens = new Tokens({
    access: { auth: [{ name: 'x', hash: made.hash, scopes: ['read'] }], anonymous: [] },
    clock,
  });
  t.ok(tokens.find(made.token));
});

t.test('a session reads, for a limited time, and says nothing of its token', async (t) => {
  const clock = new ManualClock();
  const boss = tokenFor('boss', ['admin']);
  const access = { auth: [boss.entry, wall.entry, eye.entry], anonymous: [] };
  const tokens = new Tokens({ access, clock });
  const { session, seconds } = (await tokens.beginSession(boss.token, 3600))!;
  t.equal(seconds, 3600);
  t.match(tokens.findSession(session), { name: 'boss', scopes: ['read', 'relay'] });
  t.equal(tokens.find(session), undefined, 'it is no token');
  t.equal(tokens.findSession(boss.token), undefined, 'and a token no session');
  const bytes = Buffer.from(boss.entry.hash, 'hex');
  for (const secret of [boss.token, boss.entry.hash, bytes.toString('base64url'), bytes.toString('latin1')])
    t.notOk(session.includes(secret));
  t.match(new Tokens({ access, clock }).findSession(session), { name: 'boss' }, 'on every replica');

  const parts = session.split('.');
  const with_ = (at: number, text: string) => parts.map((part, i) => (i === at ? text : part)).join('.');
  const other = (await tokens.beginSession(eye.token, 3600))!.session.split('.');
  for (const forged of [
    with_(0, '2'),
    with_(1, other[1]!),
    with_(2, String(Number(parts[2]) + 1)),
    with_(3, other[3]!),
    with_(3, `${parts[3]!.slice(0, -1)}${parts[3]!.endsWith('A') ? 'E' : 'A'}`),
    with_(3, ''),
    `${session}=`,
    ` ${session}`,
    '',
  ])
    t.equal(tokens.findSession(forged), undefined, forged);

  await clock.advance(3_599_000);
  t.ok(tokens.findSession(session));
  await clock.advance(1000);
  t.equal(tokens.findSession(session), undefined, 'it has an end');
  const again = (await tokens.beginSession(boss.token, 3600))!.session;
  tokens.replace({ auth: [eye.entry], anonymous: [] });
  t.equal(tokens.findSession(again), undefined, 'and ends with its token');
  t.equal(await tokens.beginSession('cmp_unknown', 60), undefined);
});

t.test('a token has an end, and so has what goes on under it', async (t) => {
  const clock = new ManualClock();
  const guest = { ...eye.entry, expiresAt: clock.now() + 60_000 };
  const tokens = new Tokens({ access: { auth: [guest, wall.entry], anonymous: [] }, clock });
  const ended: string[] = [];
  const hold = (name: string, principal = tokens.find(tokenFor(name, []).token)!) =>
    tokens.whileAllowed(principal, { scope: 'read' }, () => ended.push(name));
  hold('eye');
  hold('wall');
  const { session, seconds } = (await tokens.beginSession(eye.token, 3600))!;
  t.equal(seconds, 60, 'a session lasts no longer than its token');
  hold('session', tokens.findSession(session));
  await clock.advance(59_000);
  t.strictSame(ended, []);
  await clock.advance(2000);
  t.strictSame(ended, ['eye', 'session']);
  t.equal(tokens.find(eye.token), undefined);
  t.equal(await tokens.beginSession(eye.token, 60), undefined);
  let late = 0;
  tokens.whileAllowed({ key: eye.entry.hash, scopes: ['read'] }, { scope: 'read' }, () => late++);
  t.equal(late, 1, 'what begins after the end ends at once');

  tokens.replace({ auth: [{ ...wall.entry, expiresAt: clock.now() + 5000 }], anonymous: [] });
  await clock.advance(6000);
  t.strictSame(ended, ['eye', 'session', 'wall'], 'an end that came with a reload');
});
