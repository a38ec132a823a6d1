import t from 'tap';
import { newToken, Tokens } from '../../../src/services/access/tokens.ts';
import { tokenFor } from '../../support/tokens.ts';

const wall = tokenFor('wall', ['read', 'write']);
const eye = tokenFor('eye', ['read']);

t.test('finds whose token it is, by its hash alone', async (t) => {
  const tokens = new Tokens({ auth: [wall.entry, eye.entry], anonymous: [] });
  t.match(tokens.find(wall.token), { name: 'wall', scopes: ['read', 'write'] });
  t.match(tokens.find(eye.token), { name: 'eye' });
  for (const wrong of ['', 'x', wall.entry.hash, `sha256:${wall.entry.hash}`, `${wall.token} `])
    t.equal(tokens.find(wrong), undefined, wrong);
  t.strictSame(tokens.anonymous.scopes, []);
  t.notOk(tokens.open);
});

t.test('what goes on under a token ends with it, and nothing else does', async (t) => {
  const tokens = new Tokens({ auth: [wall.entry, eye.entry], anonymous: ['read'] });
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
  const tokens = new Tokens({ auth: [eye.entry], anonymous: [] });
  const principal = tokens.find(eye.token)!;
  tokens.replace({ auth: [wall.entry], anonymous: [] });
  let ended = 0;
  tokens.whileAllowed(principal, { scope: 'read' }, () => ended++);
  t.equal(ended, 1);
});

t.test('from open to tokens: whoever came in without one goes', async (t) => {
  const tokens = new Tokens({ auth: 'open', anonymous: [] });
  let ended = 0;
  tokens.whileAllowed(tokens.anonymous, { scope: 'read' }, () => ended++);
  tokens.replace({ auth: [wall.entry], anonymous: [] });
  t.equal(ended, 1);
});

t.test('a token of this process is known beside the listed ones, also after a reload', async (t) => {
  const tokens = new Tokens({ auth: [wall.entry], anonymous: [] });
  const own = tokens.issue('demo', ['write']);
  t.match(tokens.find(own), { name: 'demo', scopes: ['write'] });
  tokens.replace({ auth: [eye.entry], anonymous: [] });
  t.match(tokens.find(own), { name: 'demo' });
});

t.test('made tokens are long, random, and fit for a header and a cookie', async (t) => {
  const made = newToken();
  t.match(made.token, /^cmp_[A-Za-z0-9_-]{43}$/);
  t.not(newToken().token, made.token);
  const tokens = new Tokens({ auth: [{ name: 'x', hash: made.hash, scopes: ['read'] }], anonymous: [] });
  t.ok(tokens.find(made.token));
});
