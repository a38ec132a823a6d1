import t from 'tap';
import { configOf, problemsOf } from './table.ts';

const HASH = `sha256:${'0123456789ABCDEF'.repeat(4)}`;
const token = { name: 'wall', hash: HASH, scopes: ['read', 'write'] };
const parsed = { name: 'wall', hash: HASH.slice(7).toLowerCase(), scopes: ['read', 'write'] };
const inFile = (auth: unknown, more = '') => ({
  files: { 'compositord.yaml': `daemon:\n  auth: ${JSON.stringify(auth)}\n${more}` },
});

t.test('tokens by file, environment, secret file and flag', async (t) => {
  const text = JSON.stringify([token]);
  for (const outside of [
    inFile([token]),
    { env: { COMPOSITORD_AUTH: text } },
    { env: { COMPOSITORD_AUTH: `'${text}'` } },
    { env: { COMPOSITORD_AUTH: `- name: wall\n  hash: ${HASH}\n  scopes: [read, write]\n` } },
    { env: { COMPOSITORD_AUTH_FILE: '/run/secrets/auth' }, files: { '/run/secrets/auth': `${text}\n` } },
    { flags: { auth: [text] } },
  ])
    t.strictSame(configOf(outside).config.settings.auth, [parsed]);
  const bound = { ...token, compositors: ['wall', 'desk-*', '*'] };
  t.match(configOf(inFile([bound])).config.settings.auth, [{ compositors: ['wall', 'desk-*', '*'] }]);
  const limits = {
    view: '9,9,-9,-9',
    quota: { compositors: 2, tiles: 1000, bytes: '1 MiB' },
    notAfter: '2027-01-31T00:00:00+01:00',
  };
  t.strictSame(configOf(inFile([{ ...token, ...limits }])).config.settings.auth, [
    {
      ...parsed,
      view: { x1: -9, y1: -9, x2: 9, y2: 9 },
      quota: { compositors: 2, tiles: 1000, bytes: 1_048_576 },
      expiresAt: Date.parse('2027-01-30T23:00:00Z'),
    },
  ]);
  t.equal(configOf(inFile('open')).config.settings.auth, 'open');
  t.equal(configOf({ env: { COMPOSITORD_AUTH: 'open' } }).config.settings.auth, 'open');
  t.equal(configOf({}).config.settings.auth, undefined);
  const scopes = configOf({ env: { COMPOSITORD_AUTH_ANONYMOUS: 'read, command' } }).config.settings.anonymous;
  t.strictSame(scopes, ['read', 'command']);
});

t.test('what is wrong with a token is said, where it stands, without its hash', async (t) => {
  for (const [auth, why] of [
    ['closed', /it is neither/],
    [[], /it is neither/],
    [{}, /it is neither/],
    [['x'], /token 1 is no mapping/],
    [[{ ...token, name: '' }], /token 1 must have a name/],
    [[token, { ...token, name: 'eye', hash: 'hunter2' }], /token 2 \(eye\) must have a hash/],
    [[{ ...token, hash: HASH.replace('sha256', 'sha1') }], /\(wall\) must have a hash/],
    [[{ ...token, hash: HASH.slice(0, -1) }], /\(wall\) must have a hash/],
    [[{ ...token, scopes: ['all'] }], /\(wall\) must have a list of scopes/],
    [[{ ...token, scopes: [] }], /\(wall\) must have a list of scopes/],
    [[{ ...token, scopes: 'read' }], /\(wall\) must have a list of scopes/],
    [[{ ...token, scope: 'read' }], /\(wall\) has the unknown field "scope"/],
    [[{ ...token, compositors: ['Wall'] }], /\(wall\) must name compositors/],
    [[{ ...token, view: '0,0,1' }], /\(wall\) must have a view/],
    [[{ ...token, view: [0, 0, 1, 1] }], /\(wall\) must have a view/],
    [[{ ...token, quota: null }], /\(wall\) must have a quota/],
    [[{ ...token, quota: [] }], /\(wall\) must have a quota/],
    [[{ ...token, quota: { tile: 1 } }], /\(wall\) must have a quota/],
    [[{ ...token, quota: { tiles: -1 } }], /\(wall\) must have a quota/],
    [[{ ...token, quota: { bytes: '1 XB' } }], /\(wall\) must have a quota/],
    [[{ ...token, notAfter: '2027-01-31' }], /\(wall\) must end/],
    [[{ ...token, notAfter: '2027-13-31T00:00:00Z' }], /\(wall\) must end/],
    [[{ ...token, notAfter: 1 }], /\(wall\) must end/],
    [
      [token, { ...token, name: 'Wall', hash: HASH.replace('0', '1') }],
      /token 2 has the name of another one/,
    ],
    [[token, { ...token, name: 'eye' }], /token 2 has the hash of another one/],
  ] as const) {
    const problems = problemsOf(inFile(auth));
    t.equal(problems.length, 1, problems.join('; '));
    t.match(problems[0], /^compositord\.yaml:2:9: auth must be open, or a list of tokens/);
    t.match(problems[0], why);
    t.notMatch(problems[0], /hunter2|0123456789/i);
  }
  t.match(problemsOf({ env: { COMPOSITORD_AUTH: '[hunter2' } }), [/^COMPOSITORD_AUTH: auth must be/]);
  t.notMatch(problemsOf({ env: { COMPOSITORD_AUTH: '[hunter2' } })[0], /hunter2/);
});

t.test('beyond loopback it must say who may write', async (t) => {
  for (const listen of ['0.0.0.0:8760', '[::]:8760', '10.0.0.7:8760', 'studio.local:0']) {
    const [problem, ...more] = problemsOf({ flags: { listen: [listen] } });
    t.strictSame(more, []);
    t.match(problem, /^--listen: others can reach .*auth: open/);
    t.ok(configOf({ flags: { listen: [listen] }, ...inFile('open') }), 'open is a word, too');
    t.ok(configOf({ flags: { listen: [listen] }, ...inFile([token]) }));
  }
  t.match(problemsOf({ flags: { 'legacy-socket': ['0.0.0.0:8765'] } }), [
    /^--legacy-socket: others can reach 0\.0\.0\.0:8765/,
  ]);
  for (const listen of ['127.0.0.1:0', '127.8.9.1:1', 'localhost:8760', '[::1]:8760'])
    t.ok(configOf({ flags: { listen: [listen] } }));
  t.match(
    problemsOf({ env: { COMPOSITORD_LISTEN: '0.0.0.0:8760', COMPOSITORD_LEASE_TTL: 'x' } }),
    [/LEASE_TTL/, /LISTEN: others/],
    'beside everything else that is wrong',
  );
  t.match(problemsOf({ env: { COMPOSITORD_LISTEN: '0.0.0.0:8760', COMPOSITORD_AUTH: 'x' } }), [
    /auth must be/,
  ]);
  t.match(problemsOf({ env: { COMPOSITORD_LISTEN: '0.0.0.0:8760', COMPOSITORD_AUTH: '' } }), [/others can/]);
});

t.test("a client's token in the environment says nothing to the daemon", async (t) => {
  t.ok(configOf({ env: { COMPOSITORD_TOKEN: 'cmp_x', COMPOSITORD_TOKEN_FILE: '/x' } }));
});
