import t from 'tap';
import { SETTINGS } from '../../src/config/settings.ts';
import { configOf, problemsOf } from './table.ts';

const file = (text: string) => ({ files: { 'compositord.yaml': text } });

t.test('nothing given: every default, and no compositor', async (t) => {
  const { config, origins } = configOf({});
  t.same(config.settings, {
    name: 'compositord',
    listen: { host: '127.0.0.1', port: 8760 },
    backlog: 4096,
    workers: 1,
    store: 'file:./data',
    namespace: 'compositord',
    redis: { sentinel: {} },
    history: { commits: 10_000, seconds: 300, bytes: 67_108_864 },
    refill: 'auto',
    lease: { ttl: 30, retention: 60, guard: 600 },
    stream: { heartbeat: 15, maxAge: 1800, retry: 2, buffer: 1_048_576, maxReaders: 15_000 },
    quota: { compositors: 10_000, regions: 1000, entryBytes: 32_768, tilesPerToken: 50_000 },
    limits: { requests: 5000, polls: 10_000, bodies: 32 * 2 ** 20, connections: 20_000 },
    connect: {
      allow: undefined,
      interval: 10,
      timeout: 5,
      failures: 3,
      passes: 1,
      perTarget: 256,
      parallel: 64,
    },
    anonymous: [],
    jwt: { algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'], tolerance: 30 },
    session: { maxAge: 43_200 },
    hosts: [],
    cors: { origins: undefined },
    trustProxy: false,
    basePath: '/',
    shutdown: { grace: 8 },
    log: { level: 'info', format: 'auto' },
    bricks: { missing: 'draw', fromOwners: false },
    manifestFileOwner: 'file',
    relay: { types: [] },
    telemetry: { sample: 1, interval: 15 },
  });
  t.same(config.compositors, []);
  t.same(new Set(origins.settings.values()), new Set(['default']));
});

t.test('no two settings share a name, a flag or a variable', async (t) => {
  for (const name of ['path', 'flag', 'env'] as const)
    t.equal(new Set(SETTINGS.map((setting) => setting[name])).size, SETTINGS.length, name);
  t.ok(SETTINGS.some(({ env }) => env === 'COMPOSITORD_STREAM_MAX_AGE'));
  t.ok(SETTINGS.some(({ flag }) => flag === 'stream-max-age'));
});

t.test('flags win over the environment, over the file, over defaults', async (t) => {
  const files = { 'compositord.yaml': 'daemon: { name: by-file, lease: { ttl: 1 }, stream.retry: 5 }' };
  const env = { COMPOSITORD_NAME: 'by-env', COMPOSITORD_LEASE_TTL: '2' };
  const { config, origins } = configOf({ files, env, flags: { 'lease-ttl': ['3'] } });
  t.equal(config.settings.name, 'by-env');
  t.equal(config.settings.lease.ttl, 3);
  t.equal(config.settings.stream.retry, 5);
  t.equal(origins.settings.get('lease.ttl'), '--lease-ttl');
  t.equal(origins.settings.get('name'), 'COMPOSITORD_NAME');
  t.equal(origins.settings.get('stream.retry'), 'compositord.yaml:1:59');
});

t.test('a value that is overridden must be right all the same', async (t) => {
  t.same(problemsOf({ ...file('daemon: { lease.ttl: never }'), flags: { 'lease-ttl': ['3'] } }), [
    'compositord.yaml:1:22: lease.ttl must be a whole number of seconds from 1 to 86400, not "never"',
  ]);
});

t.test('every problem at once, each where it is', async (t) => {
  const problems = problemsOf({
    files: {
      'compositord.yaml': [
        'daemon:',
        '  lisen: 127.0.0.1:1',
        '  lease: { tll: 3, guard: soon }',
        '  stream: 4',
        'wall:',
        '  port: 70000',
        '  adress: 127.0.0.1',
        '  protocol: gopher',
      ].join('\n'),
    },
    env: { COMPOSITORD_LISTN: 'x', COMPOSITORD_BASE_PATH: 'x' },
    flags: { 'log-level': ['loud'], hosts: ['a', 'b'] },
  });
  t.same(problems, [
    '--hosts: is there more than once',
    'COMPOSITORD_LISTN: unknown variable. Did you mean COMPOSITORD_LISTEN?',
    'compositord.yaml:2:3: unknown setting "lisen". Did you mean listen?',
    'compositord.yaml:3:12: unknown setting "lease.tll". Did you mean lease.ttl?',
    'compositord.yaml:4:3: stream must be a mapping of settings, not 4',
    'compositord.yaml:7:3: unknown field "adress" of a compositor. Did you mean address?',
    'compositord.yaml:3:27: lease.guard must be seconds, from 0 to 604800, not "soon"',
    'COMPOSITORD_BASE_PATH: basePath must be a path such as / or /compositord, not "x"',
    '--log-level: log.level must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
    'compositord.yaml:8:13: protocol must be one of http, https, ws, wss, libp2p, not "gopher"',
    'compositord.yaml:6:9: port must be a whole number from 1 to 65535, not 70000',
    "compositord.yaml:5:1: a protocol without an address: give the compositor's address too",
  ]);
});

t.test('which file', async (t) => {
  const files = { 'compositord.yaml': 'daemon: { name: here }', 'etc/c.yaml': 'daemon: { name: there }' };
  t.equal(configOf({ files }).config.settings.name, 'here');
  t.equal(configOf({ files, flags: { config: ['etc/c.yaml'] } }).config.settings.name, 'there');
  t.equal(configOf({ files, env: { COMPOSITORD_CONFIG: 'etc/c.yaml' } }).config.settings.name, 'there');
  t.same(problemsOf({ files, flags: { config: ['none.yaml'] } }), [
    '--config: cannot read none.yaml: there is no such file',
  ]);
  t.same(problemsOf({ files, env: { COMPOSITORD_CONFIG: 'none.yaml' } }), [
    'COMPOSITORD_CONFIG: cannot read none.yaml: there is no such file',
  ]);
  t.match(problemsOf({ env: { COMPOSITORD_CONFIG_FILE: 'etc/c.yaml' } }), [
    /Did you mean COMPOSITORD_CONFIG\?/,
  ]);
});

t.test('the file under its other name, and under both', async (t) => {
  const yml = { 'compositord.yml': 'daemon: { name: here }\nwall: {}' };
  const { config, origins } = configOf({ files: { ...yml, 'compositors.json': '[{"name":"Door"}]' } });
  t.equal(config.settings.name, 'here');
  t.equal(origins.settings.get('name'), 'compositord.yml:1:17');
  t.same(
    config.compositors.map(({ id }) => id),
    ['wall', 'door'],
  );
  t.same(problemsOf({ files: { ...yml, 'compositord.yaml': '' } }), [
    'compositord.yml: compositord.yaml is there, too: keep one of them',
  ]);
  t.same(
    problemsOf({ files: { ...yml, 'compositord.yaml': '' }, flags: { config: ['compositord.yml'] } }),
    [],
  );
});

t.test('variables that end in _FILE', async (t) => {
  const files = { '/run/secrets/store': 'redis://:pw@h\n' };
  const env = { COMPOSITORD_STORE_FILE: '/run/secrets/store' };
  t.equal(configOf({ files, env }).config.settings.store, 'redis://:pw@h');
  t.same(problemsOf({ env }), [
    'COMPOSITORD_STORE_FILE: cannot read /run/secrets/store: there is no such file',
  ]);
  t.same(problemsOf({ files, env: { ...env, COMPOSITORD_STORE: 'file:x' } }), [
    'COMPOSITORD_STORE_FILE: COMPOSITORD_STORE sets store already',
  ]);
});

t.test('what Kubernetes puts into the environment for its Services is no setting', async (t) => {
  // As the kubelet does it for a Service with a named port.
  const linksOf = (service: string) => ({
    [`${service}_SERVICE_HOST`]: '10.0.0.7',
    [`${service}_SERVICE_PORT`]: '8760',
    [`${service}_SERVICE_PORT_HTTP`]: '8760',
    [`${service}_PORT`]: 'tcp://10.0.0.7:8760',
    [`${service}_PORT_8760_TCP`]: 'tcp://10.0.0.7:8760',
    [`${service}_PORT_8760_TCP_PROTO`]: 'tcp',
    [`${service}_PORT_8760_TCP_PORT`]: '8760',
    [`${service}_PORT_8760_TCP_ADDR`]: '10.0.0.7',
  });
  const services = ['COMPOSITORD', 'COMPOSITORD_REDIS', 'COMPOSITORD_HEADLESS_2', 'COMPOSITORD_LISTEN'];
  for (const service of services) t.same(problemsOf({ env: linksOf(service) }), [], service);
  const udp = {
    COMPOSITORD_DNS_PORT: 'udp://[fd00::7]:53',
    COMPOSITORD_DNS_PORT_53_UDP: 'udp://[fd00::7]:53',
  };
  t.same(problemsOf({ env: udp }), []);
  for (const mistake of ['COMPOSITORD_LISTEN_PORT', 'COMPOSITORD_PORT', 'COMPOSITORD_SERVICE'])
    t.match(problemsOf({ env: { [mistake]: '8760' } }), [`${mistake}: unknown variable.`], mistake);
});

t.test('hostile and broken files', async (t) => {
  const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]', 'b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]'].join('\n');
  t.match(problemsOf(file(`daemon:\n  hosts: *x\n`)), [/^compositord\.yaml:2:10: /]);
  t.ok(problemsOf(file(bomb)).some((problem) => problem.includes('the alias *a is not allowed')));
  t.match(problemsOf(file('daemon: { name: a, name: b }')), [
    'compositord.yaml:1:20: "name" is there twice, first at compositord.yaml:1:11',
  ]);
  t.match(problemsOf(file('daemon: { lease: { ttl: 1 }, lease.ttl: 2 }')), [
    'compositord.yaml:1:30: lease.ttl is there twice, first at compositord.yaml:1:25',
  ]);
  t.match(problemsOf(file('daemon: { __proto__: { name: x } }')), [/unknown setting "__proto__"/]);
  t.match(problemsOf(file('daemon: { constructor: 1, lease: { toString: 1 } }')), [
    /unknown setting "constructor"/,
    /unknown setting "lease.toString"/,
  ]);
  t.match(problemsOf(file('__proto__: { name: x }')), [
    /must begin with a letter or a digit, not "__proto__"/,
  ]);
  t.match(problemsOf(file('daemon:\n  name: "a\n')), [/^compositord\.yaml:\d+:\d+: /]);
  t.match(problemsOf(file('daemon: !!binary abc')), [/^compositord\.yaml:1:/]);
  t.match(problemsOf(file('- 1')), [
    'compositord.yaml:1:1: must be a mapping with the key daemon and compositors',
  ]);
  t.match(problemsOf(file('{ a: 1 }: 2')), [/a key must be a plain text/]);
  t.match(problemsOf(file(`daemon: ${'['.repeat(200)}${']'.repeat(200)}`)), [
    /levels deep/,
    /must be a mapping/,
  ]);
  t.match(problemsOf(file(`# ${'x'.repeat(1_048_576)}`)), ['compositord.yaml: is larger than 1 MiB']);
  t.match(problemsOf(file('deamon: { listen: 127.0.0.1:1 }')), [
    /"deamon" is taken for a compositor. Did you mean daemon\?/,
    /unknown field "listen"/,
  ]);
});

t.test('an empty file, and a daemon with every line commented out, are fine', async (t) => {
  for (const text of ['', '# nothing\n', 'daemon:\n  # name: x\n', '~', '\uFEFFdaemon: {}'])
    t.same(problemsOf(file(text)), [], JSON.stringify(text));
});
