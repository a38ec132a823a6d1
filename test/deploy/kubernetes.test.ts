// deploy/kubernetes against the schemas of the Kubernetes API (the npm package kubernetes-models carries them), and what they do not know.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { dockerfileStages } from './dockerfile-steps.ts';

const read = (path: string) => readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const documentsOf = async (name: string) =>
  parseAllDocuments(await read(`deploy/kubernetes/${name}.yaml`)).map(
    (document) => document.toJS() as { kind: string },
  );
const SECRETS = '/run/secrets/compositord';
const documents = await documentsOf('compositord');
/** The only one of its file. */
const alone = async (name: string) => {
  const [document, ...more] = await documentsOf(name);
  if (!document || more.length > 0) throw new Error(`${name}.yaml has not exactly one document`);
  return document as never;
};
/** As any of the models takes it: their types are no stricter than their schemas, which are asked below. */
const named = (kind: string) => documents.find((document) => document.kind === kind) as never;
const config = new ConfigMap(named('ConfigMap'));
const deployment = new Deployment(named('Deployment'));
const service = new Service(named('Service'));
const budget = new PodDisruptionBudget(named('PodDisruptionBudget'));
const ingress = new Ingress(await alone('ingress'));
const policy = new NetworkPolicy(await alone('network-policy'));
const monitor: Monitor = await alone('service-monitor');
const pod = deployment.spec!.template.spec!;
const container = pod.containers[0]!;
const image = dockerfileStages(await read('Dockerfile')).at(-1)!;

/** Of the Prometheus operator, whose schema no model here has. */
interface Monitor {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly {
      readonly port: string;
      readonly path: string;
      readonly interval: string;
      readonly authorization: { readonly credentials: { readonly name: string; readonly key: string } };
    }[];
  };
}

t.test('each document is what the API wants', async (t) => {
  t.equal(documents.length, 4);
  for (const document of [config, deployment, service, budget, ingress, policy])
    t.doesNotThrow(() => document.validate(), document.kind);
  const broken = structuredClone<{ spec: { replicas: unknown } }>(named('Deployment'));
  broken.spec.replicas = 'two';
  t.throws(() => new Deployment(broken as never).validate(), 'and the schema would have said so');
});

t.test('all of it speaks of the same pods and ports', async (t) => {
  const labels = deployment.spec!.template.metadata!.labels!;
  t.match(labels, deployment.spec!.selector.matchLabels!);
  t.match(labels, service.spec!.selector!);
  t.match(labels, budget.spec!.selector!.matchLabels!);
  t.strictSame(container.ports, [{ name: 'http', containerPort: Number(image.ports[0]) }]);
  t.match(service.spec!.ports, [{ targetPort: 'http' }]);
  t.equal(`${pod.securityContext!.runAsUser}:${pod.securityContext!.runAsGroup}`, image.user);
  t.equal(container.securityContext!.readOnlyRootFilesystem, true);
  t.ok(deployment.spec!.replicas! > Number(budget.spec!.minAvailable), 'a node can be emptied');
});

t.test('probes: it starts when ready, and stays while it lives', async (t) => {
  t.equal(container.startupProbe!.httpGet!.path, '/health/ready');
  t.equal(container.readinessProbe!.httpGet!.path, '/health/live');
  t.equal(container.livenessProbe!.httpGet!.path, '/health/live');
});

t.test('the daemon understands its file and environment, and has the time to end', async (t) => {
  const mount = container.volumeMounts![0]!.mountPath;
  t.equal(mount, image.workdir, 'where the daemon looks for its file');
  const files = mounted({
    'compositord-store/address': 'redis://:password@redis:6379\n',
    'compositord-auth/tokens': `[{"name":"studio","hash":"sha256:${'0a'.repeat(32)}","scopes":["read","write"]}]`,
  });
  for (const { name, valueFrom } of container.env!)
    t.equal(valueFrom, undefined, `${name}: a variable would need a rollout to change`);
  const given = Object.fromEntries(container.env!.map(({ name, value }) => [name, value ?? '']));
  const env = { ...image.env, ...given };
  const loaded = loadConfig({ flags: {}, env, readFile: (path) => files(path) });
  if ('problems' in loaded) return t.fail('problems', loaded);
  const { settings } = loaded.config;
  t.ok(loaded.files.has(`${SECRETS}/tokens`), 'which is watched');
  t.match(settings, {
    store: 'redis://:password@redis:6379',
    auth: [{ name: 'studio' }],
    trustProxy: 1,
    lease: { ttl: 30 },
    listen: { port: 8760 },
  });
  t.ok(pod.terminationGracePeriodSeconds! > 5 + settings.shutdown.grace);
});

t.test('the files of the Secrets can be read by the daemon, and change in place', async (t) => {
  const { projected } = pod.volumes!.find(({ name }) => name === 'secrets')!;
  t.equal(projected!.defaultMode! & 0o007, 0, 'not by everyone');
  t.equal(projected!.defaultMode! & 0o040, 0o040, 'but by the group');
  t.equal(pod.securityContext!.fsGroup, pod.securityContext!.runAsGroup);
  for (const { subPath } of container.volumeMounts!) t.equal(subPath, undefined);
});

t.test('what stands around the pods finds them', async (t) => {
  const pods = deployment.spec!.template.metadata!.labels!;
  const port = service.spec!.ports![0]!.name;
  const [rule] = ingress.spec!.rules!;
  for (const { backend } of rule!.http!.paths)
    t.match(backend.service, { name: service.metadata!.name, port: { name: port } });
  t.strictSame(ingress.spec!.tls![0]!.hosts, [rule!.host]);
  const { annotations } = ingress.metadata!;
  t.equal(annotations!['nginx.ingress.kubernetes.io/proxy-buffering'], 'off');
  t.ok(Number(annotations!['nginx.ingress.kubernetes.io/proxy-read-timeout']) >= 60, 'four heartbeats');

  t.match(pods, policy.spec!.podSelector.matchLabels!);
  t.strictSame(policy.spec!.ingress![0]!.ports, [{ protocol: 'TCP', port: container.ports![0]!.name }]);
  const [names] = policy.spec!.egress!;
  t.strictSame(
    names!.ports!.map(({ port }) => port),
    [53, 53],
  );
  t.equal(names!.to, undefined);

  t.match(service.metadata!.labels!, monitor.spec.selector.matchLabels);
  t.match(monitor, { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' });
  for (const endpoint of monitor.spec.endpoints)
    t.match(endpoint, { port, path: '/metrics', authorization: { credentials: { key: 'token' } } });
});

/** Reads what is mounted into the container: the ConfigMap, and `secrets`, by `name/key`. */
function mounted(secrets: Readonly<Record<string, string>>): (path: string) => string {
  const { projected } = pod.volumes!.find(({ name }) => name === 'secrets')!;
  t.equal(container.volumeMounts!.find(({ name }) => name === 'secrets')!.mountPath, SECRETS);
  const files = new Map(Object.entries(config.data ?? {}));
  for (const { secret } of projected!.sources!)
    for (const { key, path } of secret!.items!)
      files.set(`${SECRETS}/${path}`, secrets[`${secret!.name}/${key}`]!);
  return (path) => {
    const text = files.get(path);
    if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return text;
  };
}
