// docker-compose.yml against the Compose specification (dclint carries its schema), and the things that no schema knows.
import { existsSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DCLinter } from 'dclint';
import t from 'tap';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { problemsOf } from '../config/table.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { dockerfileStages } from './dockerfile-steps.ts';

interface Service {
  readonly image: string;
  readonly build?: object;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly command?: readonly string[];
  readonly networks: readonly string[] | Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly profiles?: readonly string[];
  readonly secrets?: readonly string[];
}

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const file = join(PROJECT, 'docker-compose.yml');
const compose = parse(await readFile(file, 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, object>>;
};
const { services } = compose;
const replicas = [services['compositord-a']!, services['compositord-b']!];
const nginx = services['nginx']!;
const redis = services['redis']!;

interface LintResult {
  readonly messages: readonly { readonly line: number; readonly message: string }[];
}

function lint(path: string): string[] {
  // Its order of keys is by name; ours tells a story.
  const rules = { 'service-keys-order': 0 as const };
  const results = new DCLinter({ rules, quiet: false, debug: false, exclude: [] }).lintFiles(
    [path],
    false,
  ) as LintResult[];
  return results.flatMap(({ messages }) => messages.map(({ line, message }) => `${line}: ${message}`));
}

t.test('it keeps to the specification', async (t) => {
  t.strictSame(lint(file), []);
  const broken = join(await temporaryFolder(t), 'docker-compose.yml');
  await writeFile(broken, (await readFile(file, 'utf8')).replace('read_only: true', 'read_only: [1]'));
  t.not(lint(broken).length, 0, 'and the linter would have said so');
});

t.test('every image has a version, every service a health check and few rights', async (t) => {
  const names = Object.keys(services);
  const observing = names.filter((name) => services[name]!.profiles);
  t.strictSame(observing, ['grafana', 'prometheus'], 'only those who want to see inside start these');
  const always = names.filter((name) => !observing.includes(name));
  t.strictSame(always, ['compositord-a', 'compositord-b', 'nginx', 'redis']);
  for (const [name, service] of Object.entries(services)) {
    t.match(service.image, /^(?:[a-z]+\/)?[a-z]+:[\w.-]*\d[\w.-]*$/, name);
    t.notMatch(service.image, /:latest$/);
    t.ok(service.healthcheck, `${name}: health check`);
    t.equal(service.read_only, true, `${name}: read-only`);
    t.strictSame(service.cap_drop, ['ALL'], name);
  }
  const { build, ...first } = replicas[0]!;
  t.strictSame(build, { context: '.' });
  t.strictSame(first, replicas[1], 'the replicas are alike, and one of them builds the image of both');
  t.equal(replicas[0]!.cap_add, undefined);
});

t.test('each waits until what it needs is healthy', async (t) => {
  const healthy = { condition: 'service_healthy' };
  for (const replica of replicas) t.strictSame(replica.depends_on, { redis: healthy });
  t.strictSame(nginx.depends_on, { 'compositord-a': healthy, 'compositord-b': healthy });
});

t.test('the daemon understands its environment, and Docker leaves it time to end', async (t) => {
  const image = dockerfileStages(await readFile(join(PROJECT, 'Dockerfile'), 'utf8')).at(-1)!;
  const { COMPOSITORD_AUTH: required, ...fixed } = replicas[0]!.environment!;
  t.match(
    required,
    /^\$\{COMPOSITORD_AUTH:\?[^}$]+\}$/,
    'Compose refuses to start without it, and says what to do',
  );
  t.match(
    problemsOf({ env: { ...image.env, ...fixed } }),
    [/^COMPOSITORD_LISTEN: others can reach/],
    'and so would the daemon',
  );
  // As `compositord token` prints it for the file .env.
  const auth = `[{"name":"client","hash":"sha256:${'0a'.repeat(32)}","scopes":["read","write"]}]`;
  const env = { ...image.env, ...fixed, COMPOSITORD_AUTH: auth };
  const loaded = loadConfig({ flags: {}, env, readFile: missing });
  if ('problems' in loaded) return t.fail('problems', loaded);
  const { settings } = loaded.config;
  t.match(settings, { store: 'redis://redis:6379', listen: { host: '0.0.0.0', port: 8760 }, trustProxy: 1 });
  t.ok(parseInt(replicas[0]!.stop_grace_period ?? '10') > settings.shutdown.grace);
  t.strictSame(replicas[0]!.healthcheck?.test.slice(0, 3), ['CMD', 'node', '/app/healthcheck.mjs']);
  t.ok(
    image.steps.some((step) => step.kind === 'copy' && step.target === '/app/healthcheck.mjs'),
    'which is in the image',
  );
});

t.test('what is mounted is there, and what nginx names is mounted', async (t) => {
  const mounts = new Map<string, string>();
  for (const volume of nginx.volumes ?? []) {
    const [source, target, mode] = volume.split(':') as [string, string, string];
    mounts.set(target, source);
    t.equal(mode, 'ro');
    t.ok(existsSync(join(PROJECT, source)), source);
    t.equal(statSync(join(PROJECT, source)).isDirectory(), !target.endsWith('.conf'));
  }
  const upstream = await readFile(join(PROJECT, 'deploy/nginx/compositord/upstream.conf'), 'utf8');
  const named = new Set(
    [...upstream.matchAll(/^ *server ([\w-]+):(\d+)/gm)].map(([, name, port]) => `${name}:${port}`),
  );
  t.strictSame([...named], ['compositord:8760'], 'one more replica is one line of Compose');
  const site = await readFile(join(PROJECT, mounts.get('/etc/nginx/conf.d/default.conf')!), 'utf8');
  t.match(site, /^ *listen 8760;$/m);
  t.strictSame(nginx.ports, ['127.0.0.1:8760:8760'], 'to this machine alone, for tokens go in plain text');
  for (const [, path] of site.matchAll(/include compositord\/([\w.]+);/g))
    t.ok(existsSync(join(PROJECT, mounts.get('/etc/nginx/compositord')!, path!)), path!);
});

t.test('Redis keeps everything, and is reached by the replicas alone', async (t) => {
  const options = (redis.command ?? []).join(' ');
  for (const option of ['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction'])
    t.match(options, option);
  t.strictSame(redis.volumes, ['redis-data:/data']);
  t.ok('redis-data' in compose.volumes);
  t.strictSame(redis.networks, ['store']);
  t.equal(compose.networks['store']?.internal, true);
  t.equal(redis.ports, undefined);
  t.strictSame(nginx.networks, ['front']);
  for (const replica of replicas)
    t.strictSame(
      replica.networks,
      { front: { aliases: ['compositord'] }, store: {} },
      'which nginx asks for',
    );
});

t.test('Prometheus and Grafana find their files, and are reached from this machine alone', async (t) => {
  const [prometheus, grafana] = [services['prometheus']!, services['grafana']!];
  for (const { profiles, ports, networks, volumes = [] } of [prometheus, grafana]) {
    t.strictSame(profiles, ['observability']);
    t.strictSame(networks, ['front']);
    t.match(ports, [/^127\.0\.0\.1:/]);
    for (const volume of volumes.filter((each) => each.startsWith('./'))) {
      const [source, , mode] = volume.split(':') as [string, string, string];
      t.ok(statSync(join(PROJECT, source)).isFile(), source);
      t.equal(mode, 'ro');
    }
  }
  const scraped = await readFile(join(PROJECT, 'deploy/observability/prometheus.yml'), 'utf8');
  t.match(scraped, 'names: [compositord], type: A, port: 8760', 'each replica by its own address');
  t.match(scraped, `/run/secrets/${prometheus.secrets![0]}`);
  const home = grafana.environment!['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']!;
  t.ok(
    grafana.volumes!.some((volume) => volume.endsWith(`:${home}:ro`)),
    'the page that it opens with',
  );
  const ignored = await readFile(join(PROJECT, '.gitignore'), 'utf8');
  t.match(ignored, /^metrics-token$/m, 'no token gets into a commit');
});

/** There is no configuration file. */
function missing(path: string): never {
  throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
}
