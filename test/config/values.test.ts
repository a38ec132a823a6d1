import t from 'tap';
import { SETTINGS, valueOf } from '../../src/config/settings.ts';
import { configOf, problemsOf, type Outside } from './table.ts';

type Loader = (path: string, text: string) => Outside;

const settingAt = (path: string) => SETTINGS.find((setting) => setting.path === path)!;

/** Every way in which one setting can be given; the same table is run through each. */
const LOADERS: Record<string, Loader> = {
  flag: (path, text) => ({ flags: { [settingAt(path).flag]: [text] } }),
  environment: (path, text) => ({ env: { [settingAt(path).env]: text } }),
  'environment file': (path, text) => ({
    env: { [`${settingAt(path).env}_FILE`]: '/run/secrets/it' },
    files: { '/run/secrets/it': `${text}\n` },
  }),
  'file, dotted': (path, text) => ({ files: { 'compositord.yaml': `daemon:\n  ${path}: ${yaml(text)}\n` } }),
  'file, nested': (path, text) => {
    const [group, ...keys] = path.split('.');
    const nested =
      keys.length === 0 || group === 'store' || group === 'auth'
        ? `${path}: ${yaml(text)}`
        : `${group}: ${keys.reduceRight((inner, key) => `{ ${key}: ${inner} }`, yaml(text))}`;
    return { files: { 'compositord.yaml': `daemon:\n  ${nested}\n` } };
  },
};

/** Numbers and booleans stand bare in a file, texts in quotes. */
function yaml(text: string): string {
  return /^(?:-?[0-9.]+|true|false)$/.test(text) ? text : JSON.stringify(text);
}

const VALID: [path: string, text: string, value: unknown][] = [
  ['name', 'studio', 'studio'],
  ['name', 'Büro 2', 'Büro 2'],
  ['listen', '0.0.0.0:8760', { host: '0.0.0.0', port: 8760 }],
  ['listen', '[::1]:0', { host: '::1', port: 0 }],
  ['listen', 'localhost:65535', { host: 'localhost', port: 65535 }],
  ['store', 'file:./data', 'file:./data'],
  ['store', 'file:///var/lib/compositord', 'file:///var/lib/compositord'],
  ['store', 'redis://:secret@redis:6379/2', 'redis://:secret@redis:6379/2'],
  ['store', 'rediss://redis', 'rediss://redis'],
  [
    'store',
    'redis+sentinel://h1:26379,h2:26379/mymaster?db=0',
    'redis+sentinel://h1:26379,h2:26379/mymaster?db=0',
  ],
  ['store', 'redis+cluster://h1,h2', 'redis+cluster://h1,h2'],
  ['store', 'unix:///run/redis.sock?db=3', 'unix:///run/redis.sock?db=3'],
  ['redis.serverName', 'cache.example', 'cache.example'],
  ['redis.ca', '/run/secrets/ca.crt', '/run/secrets/ca.crt'],
  ['redis.passwordFile', '/run/secrets/redis', '/run/secrets/redis'],
  ['redis.sentinel.user', 'app', 'app'],
  ['redis.sentinel.tls', 'true', true],
  ['store.refill', 'never', 'never'],
  ['namespace', 'studio-2', 'studio-2'],
  ['history.commits', '1', 1],
  ['history.seconds', '0', 0],
  ['history.bytes', '1048576', 1_048_576],
  ['history.bytes', '1 MiB', 1_048_576],
  ['history.bytes', '1.5MiB', 1_572_864],
  ['history.bytes', '100 kB', 100_000],
  ['lease.ttl', '86400', 86_400],
  ['stream.maxAge', '12.5', 12.5],
  ['stream.maxReaders', '10', 10],
  ['connect.allow', 'private, 100.64.0.0/10,fd00::/8', ['private', '100.64.0.0/10', 'fd00::/8']],
  ['connect.allow', '127.0.0.1', ['127.0.0.1']],
  ['connect.forget', '86400', 86_400],
  ['auth', 'open', 'open'],
  ['auth.anonymous', 'read,command', ['read', 'command']],
  ['hosts', 'studio.local, wall', ['studio.local', 'wall']],
  // What nginx sends unless told otherwise is the name of its upstream.
  ['hosts', 'compositord_backend,_dmz.local', ['compositord_backend', '_dmz.local']],
  [
    'cors.origins',
    'https://map.example,http://127.0.0.1:3000',
    ['https://map.example', 'http://127.0.0.1:3000'],
  ],
  ['trustProxy', 'true', true],
  ['trustProxy', '2', 2],
  ['trustProxy', '10.0.0.0/8,loopback,fd00::/8', ['10.0.0.0/8', 'loopback', 'fd00::/8']],
  ['basePath', '/maps/', '/maps'],
  ['shutdown.grace', '0.5', 0.5],
  ['log.level', 'debug', 'debug'],
  ['log.format', 'pretty', 'pretty'],
  ['telemetry.endpoint', 'http://127.0.0.1:4318', 'http://127.0.0.1:4318'],
  ['telemetry.endpoint', 'https://collector.example/otlp/', 'https://collector.example/otlp/'],
  ['telemetry.sample', '0.05', 0.05],
  ['telemetry.interval', '60', 60],
  ['brickUrl', 'https://bricks.example/{brick}', 'https://bricks.example/{brick}'],
  ['brickUrl', '/bricks/', '/bricks/'],
  ['relay.types', 'roadmap_update, scene.update', ['roadmap_update', 'scene.update']],
  ['legacySocket', '127.0.0.1:8765', { host: '127.0.0.1', port: 8765 }],
  ['geometryOs', 'on', 'on'],
  ['geometryOs', 'true', 'on'],
  ['geometryOs', 'false', 'off'],
  ['bricks.from', './pictures', './pictures'],
  ['manifestFile', 'map/manifest.json', 'map/manifest.json'],
  ['manifestFileOwner', 'shared-file', 'shared-file'],
  ['bricks.from', 'https://bricks.example/{brick}.png', 'https://bricks.example/{brick}.png'],
  ['bricks.missing', '404', '404'],
  ['bricks.fromOwners', 'true', true],
];

const INVALID: [path: string, text: string][] = [
  ['connect.allow', 'everything'],
  ['connect.forget', '0'],
  ['connect.forget', 'never'],
  ['connect.allow', '10.0.0.0/33'],
  ['connect.allow', '127.1'],
  ['connect.allow', 'private,'],
  ['name', ' '],
  ['name', 'a\u0007b'],
  ['name', 'x'.repeat(65)],
  ['listen', '8760'],
  ['listen', '127.0.0.1'],
  ['listen', '::1:8760'],
  ['listen', '127.0.0.1:65536'],
  ['listen', '127.0.0.1:08760'],
  ['store', './data'],
  ['store', 'file:'],
  ['store', 'file://data'],
  ['store', 'redis://'],
  ['store', 'redis://h/0/1'],
  ['store', 'redis+sentinel://h1,h2'],
  ['store', 'redis+cluster://h1,,h2'],
  ['store', 'memcached://h'],
  ['store', 'redis+cluster://h/3'],
  ['store', 'unix://run/redis.sock'],
  ['redis.serverName', 'cache.example:6379'],
  ['redis.serverName', '127.0.0.1'],
  ['redis.sentinel.tls', 'maybe'],
  ['store.refill', 'sometimes'],
  ['namespace', 'a{b}'],
  ['namespace', '__proto__'],
  ['history.commits', '0'],
  ['history.commits', '1.5'],
  ['history.commits', 'many'],
  ['history.commits', '1e3x'],
  ['history.bytes', '1'],
  ['history.bytes', '1 parsec'],
  ['history.bytes', '-1 MiB'],
  ['history.bytes', '999999 GiB'],
  ['history.bytes', '1.0001 B'],
  ['lease.ttl', '0'],
  ['lease.ttl', '86401'],
  ['lease.ttl', '30s'],
  ['stream.heartbeat', '-1'],
  ['auth', 'closed'],
  ['auth.anonymous', 'everything'],
  ['hosts', 'http://studio'],
  ['hosts', 'studio:80'],
  ['cors.origins', '*'],
  ['cors.origins', 'https://map.example/'],
  ['trustProxy', 'yes'],
  ['trustProxy', '10.0.0.0/33'],
  ['trustProxy', '-1'],
  ['basePath', 'maps'],
  ['basePath', '//maps'],
  ['basePath', '/a/../b?'],
  ['log.level', 'loud'],
  ['telemetry.endpoint', '127.0.0.1:4318'],
  ['telemetry.endpoint', 'grpc://127.0.0.1:4317'],
  ['telemetry.endpoint', 'https://user:secret@collector.example'],
  ['telemetry.endpoint', 'https://collector.example/?key=secret'],
  ['telemetry.sample', '1.5'],
  ['telemetry.sample', '-0.1'],
  ['telemetry.interval', '0'],
  ['relay.types', 'tile_update'],
  ['relay.types', 'a b'],
  ['relay.types', Array.from({ length: 33 }, (_, n) => `t${n}`).join()],
  ['legacySocket', '/run/compositord.sock'],
  ['compositors', 'a\0b'],
  ['brickUrl', 'ftp://bricks'],
  ['brickUrl', '//bricks'],
  ['geometryOs', 'a\0b'],
  ['bricks.from', 'https://bricks.example/'],
  ['manifestFile', 'a\0b'],
  ['manifestFileOwner', 'The File'],
  ['bricks.from', 'ftp://bricks.example/{brick}'],
  ['bricks.missing', '403'],
  ['bricks.fromOwners', 'sometimes'],
];

for (const [how, give] of Object.entries(LOADERS)) {
  t.test(`valid values, by ${how}`, async (t) => {
    for (const [path, text, expected] of VALID) {
      const outside = give(path, text);
      // Beyond loopback auth is required.
      const env = { ...(path === 'listen' && { COMPOSITORD_AUTH: 'open' }), ...outside.env };
      const { config, origins } = configOf({ ...outside, env });
      t.same(valueOf(config.settings, settingAt(path)), expected, `${path} = ${text}`);
      t.not(origins.settings.get(path), 'default');
    }
  });

  t.test(`invalid values, by ${how}`, async (t) => {
    for (const [path, text] of INVALID) {
      const problems = problemsOf(give(path, text));
      t.equal(problems.length, 1, `${path} = ${text}: ${problems.join('; ')}`);
      t.match(problems[0], new RegExp(`: ${path.replace('.', '\\.')} must be `));
    }
  });
}

t.test('wrong types in a file', async (t) => {
  for (const text of [
    'listen: 8760',
    'listen: [127.0.0.1:8760]',
    'listen: { host: a, port: 1 }',
    'listen: null',
    'lease.ttl: "30"',
    'lease.ttl: true',
    'lease.ttl: [30]',
    'history.commits: .inf',
    'hosts: [1]',
    'hosts: { a: b }',
    'store: { refill: never }',
    'name: 12',
  ]) {
    const problems = problemsOf({ files: { 'compositord.yaml': `daemon:\n  ${text}\n` } });
    t.equal(problems.length, 1, `${text}: ${problems.join('; ')}`);
    t.match(problems[0], /^compositord\.yaml:2:\d+: .* must be /);
  }
});

t.test('a mistyped password is not printed', async (t) => {
  for (const give of Object.values(LOADERS))
    t.notMatch(problemsOf(give('store', 'redis://:hunter2@h/0/1')).join('\n'), /hunter2/);
});
