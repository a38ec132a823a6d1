import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { makeAuthority } from '../support/authority.ts';
import { load, problemsOf } from './table.ts';

const dir = t.testdir();
const authority = makeAuthority(dir);
const [client, other] = [authority.issue('client'), authority.issue('other')];
const text = (path: string) => readFileSync(path, 'utf8');
const locked = join(dir, 'locked.key');
spawnSync('openssl', ['pkey', '-in', client.key, '-aes256', '-passout', 'pass:x', '-out', locked]);

const FILES = {
  '/ca': text(authority.ca),
  '/cert': text(client.cert),
  '/key': text(client.key),
  '/other.key': text(other.key),
  '/locked.key': text(locked),
  '/password': 'secret\n',
  '/lines': 'secret\nmore\n',
  '/empty': '\n',
};
const TLS = 'rediss://cache';

/** What is said of settings without their `redis.`. */
function saidOf(store: string, redis: Record<string, string>): string {
  const flags = Object.fromEntries(Object.entries(redis).map(([name, value]) => [`redis-${name}`, [value]]));
  return problemsOf({ flags: { store: [store], ...flags }, files: FILES }).join('\n');
}

t.test('what fits together', async (t) => {
  for (const [store, redis] of [
    [
      TLS,
      { ca: '/ca', cert: '/cert', key: '/key', 'server-name': 'cache.example', 'password-file': '/password' },
    ],
    ['rediss+cluster://user:@a,b', { 'password-file': '/password', ca: '/ca' }],
    ['redis+sentinel://a/m', { 'sentinel-tls': 'true', ca: '/ca', 'sentinel-password-file': '/password' }],
    ['unix:///run/redis.sock', { 'password-file': '/password' }],
    ['file:./data', { ca: '/absent', 'sentinel-user': 'x' }],
  ] as const)
    t.equal(saidOf(store, redis), '', store);
});

t.test('what does not, and which setting it is', async (t) => {
  const table: [store: string, redis: Record<string, string>, said: RegExp][] = [
    [
      TLS,
      { ca: '/absent' },
      /^--redis-ca: redis\.ca names a file that cannot be used: cannot read \/absent: there is no such/,
    ],
    [TLS, { ca: '/key' }, /^--redis-ca: redis\.ca names \/key, which holds no certificate in PEM$/],
    [TLS, { cert: '/cert' }, /^--redis-cert: redis\.cert needs redis\.key, too$/],
    [TLS, { key: '/key' }, /^--redis-key: redis\.key needs redis\.cert, too$/],
    [TLS, { cert: '/cert', key: '/cert' }, /redis\.key names \/cert, which holds no private key in PEM$/],
    [TLS, { cert: '/cert', key: '/other.key' }, /redis\.key is not the key of redis\.cert/],
    [
      TLS,
      { cert: '/cert', key: '/locked.key' },
      /is encrypted, .* passphrase: openssl pkey -in \/locked\.key/,
    ],
    ['redis://cache', { ca: '/ca' }, /redis\.ca is for TLS: store then begins with rediss instead of redis$/],
    ['redis://cache', { 'server-name': 'a.b' }, /^--redis-server-name: redis\.serverName is for TLS/],
    ['unix:///run/redis.sock', { ca: '/ca' }, /redis\.ca is for TLS/],
    ['redis://:pw@cache', { 'password-file': '/password' }, /store holds a password, too: keep one of them/],
    [TLS, { 'password-file': '/empty' }, /redis\.passwordFile names \/empty, which is empty$/],
    [TLS, { 'password-file': '/lines' }, /redis\.passwordFile names \/lines, which has more than one line$/],
    [
      TLS,
      { 'sentinel-password-file': '/password' },
      /redis\.sentinel\.passwordFile is for a store behind sentinels/,
    ],
    [TLS, { 'sentinel-tls': 'false' }, /^--redis-sentinel-tls: redis\.sentinel\.tls is for a store behind/],
    [
      'redis+sentinel://a/m',
      { 'sentinel-user': 'x' },
      /redis\.sentinel\.user needs redis\.sentinel\.passwordFile, too$/,
    ],
  ];
  for (const [store, redis, said] of table) {
    t.match(saidOf(store, redis), said);
    t.notMatch(saidOf(store, redis), /secret|:pw/);
  }
});

t.test('the files are among those that are watched', async (t) => {
  const flags = { store: [TLS], 'redis-ca': ['/ca'], 'redis-password-file': ['/password'] };
  t.same(
    [...load({ flags, files: FILES }).files.keys()].filter((path) => path in FILES),
    ['/password', '/ca'],
  );
});
