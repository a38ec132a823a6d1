import t from 'tap';
import { parseRedisAddress, withoutPassword } from '../../src/domain/store-address.ts';

const PLAIN = { master: '', db: 0, credentials: {}, tls: false };

t.test('every kind of address', async (t) => {
  const table: Record<string, object> = {
    'redis://cache': { ...PLAIN, kind: 'server', nodes: [{ host: 'cache', port: 6379 }] },
    'redis://127.0.0.1:7000/3': {
      ...PLAIN,
      kind: 'server',
      nodes: [{ host: '127.0.0.1', port: 7000 }],
      db: 3,
    },
    'redis://[::1]:7000': { ...PLAIN, kind: 'server', nodes: [{ host: '::1', port: 7000 }] },
    'rediss://me:s%40cret%2F@cache/': {
      ...PLAIN,
      kind: 'server',
      nodes: [{ host: 'cache', port: 6379 }],
      credentials: { username: 'me', password: 's@cret/' },
      tls: true,
    },
    'redis://:secret@cache': {
      ...PLAIN,
      kind: 'server',
      nodes: [{ host: 'cache', port: 6379 }],
      credentials: { password: 'secret' },
    },
    'redis+sentinel://:p@h1:26380,h2/mymaster?db=2': {
      kind: 'sentinel',
      nodes: [
        { host: 'h1', port: 26380 },
        { host: 'h2', port: 26379 },
      ],
      master: 'mymaster',
      db: 2,
      credentials: { password: 'p' },
      tls: false,
    },
    'rediss+sentinel://h1/m': {
      ...PLAIN,
      kind: 'sentinel',
      nodes: [{ host: 'h1', port: 26379 }],
      master: 'm',
      tls: true,
    },
    'rediss+cluster://user:@[fd00::1]:7000': {
      ...PLAIN,
      kind: 'cluster',
      nodes: [{ host: 'fd00::1', port: 7000 }],
      credentials: { username: 'user' },
      tls: true,
    },
    'unix:///run/redis/redis.sock': {
      ...PLAIN,
      kind: 'server',
      nodes: [],
      socket: '/run/redis/redis.sock',
    },
    'unix://me:s%40cret@/run/my%20redis.sock?db=3': {
      ...PLAIN,
      kind: 'server',
      nodes: [],
      socket: '/run/my redis.sock',
      db: 3,
      credentials: { username: 'me', password: 's@cret' },
    },
    'redis+cluster://h1,h2:7001': {
      ...PLAIN,
      kind: 'cluster',
      nodes: [
        { host: 'h1', port: 6379 },
        { host: 'h2', port: 7001 },
      ],
    },
  };
  for (const [address, expected] of Object.entries(table))
    t.strictSame(
      parseRedisAddress(address),
      { ...expected, text: address.replace(/\/\/.*@/, '//') },
      address,
    );
});

t.test('what is shown of an address has no password in it', async (t) => {
  t.equal(parseRedisAddress('redis://:secret@cache/3').text, 'redis://cache/3');
  t.equal(parseRedisAddress('redis+sentinel://a:b@h1,h2/m?db=1').text, 'redis+sentinel://h1,h2/m?db=1');
  t.equal(parseRedisAddress('rediss://cache').text, 'rediss://cache');
  t.equal(parseRedisAddress('unix://a:b@/run/r@d.sock?db=1').text, 'unix:///run/r@d.sock?db=1');
  t.equal(withoutPassword('unix://a:b@/run/r@d.sock'), 'unix://a:***@/run/r@d.sock');
  t.equal(withoutPassword('unix:///run/r@d.sock'), 'unix:///run/r@d.sock');
});

t.test('anything else is refused in one line that names no password', async (t) => {
  const wrong = [
    ...[
      '',
      'cache',
      'http://cache',
      'redis://',
      'redis:///3',
      'redis://h1,h2',
      'redis://cache/x',
      'redis://cache:0',
    ],
    ...[
      'redis://cache:70000',
      'redis://a b',
      'redis://cache?db=3',
      'redis://cache/3#x',
      'redis://%zz:secret@cache',
    ],
    ...[
      'redis+sentinel://h1',
      'redis+sentinel://h1/',
      'redis+sentinel://h1/a/b',
      'redis+sentinel://h1/m?db=x',
    ],
    ...['unix:', 'unix://run/redis.sock', 'unix:/run/redis.sock', 'unix:///', 'unix:///run/', 'unix:///a%zz'],
    ...['unix:///a?db=x', 'unix:///a%00', `unix:///${'a'.repeat(103)}`, 'unix://x:secret@run'],
    ...['valkey://h', 'redis+unix:///a', 'rediss+cluster://h1/3', 'rediss+cluster://h1?db=3'],
    ...['redis+cluster://h1/3', 'redis+cluster://h1,,h2', 'redis+cluster://h1?db=1', 'redis://x:secret@a,b'],
  ];
  t.throws(() => parseRedisAddress('redis+cluster://h1/3'), { message: 'a cluster has only one database' });
  t.throws(() => parseRedisAddress('redis://h1?db=3'), { message: /comes after a slash: redis:\/\/host\/3/ });
  for (const address of wrong) {
    t.throws(() => parseRedisAddress(address), { message: /^[a-z][^\n]+$/ }, address);
    t.throws(() => parseRedisAddress(address), { message: /^(?!.*secret)/ }, address);
  }
});
