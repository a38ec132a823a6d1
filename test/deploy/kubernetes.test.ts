// deploy/kubernetes against the schemas of the Kubernetes API (the npm package kubernetes-models carries them), and what they do not know.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Deployment } from 'kubernetes-models/apps/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Service } from 'kubernetes-models/v1';
import t from 'tap';
import { parseAllDocuments } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { dockerfileStages } from './dockerfile-steps.ts';

const read = (path: string) => readFile(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const documents = parseAllDocuments(await read('deploy/kubernetes/compositord.yaml')).map(
  (document) => document.toJS() as { kind: string },
);
/** As any of the models takes it: their types are no stricter than their schemas, which are asked below. */
const named = (kind: string) => documents.find((document) => document.kind === kind) as never;
const config = new ConfigMap(named('ConfigMap'));
const deployment = new Deployment(named('Deployment'));
const service = new Service(named('Service'));
const budget = new PodDisruptionBudget(named('PodDisruptionBudget'));
const pod = deployment.spec!.template.spec!;
const container = pod.containers[0]!;
const image = dockerfileStages(await read('Dockerfile')).at(-1)!;

t.test('each document is what the API wants', async (t) => {
  t.equal(documents.length, 4);
  for (const document of [config, deployment, service, budget])
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
  const secrets = new Map([
    ['COMPOSITORD_STORE', 'redis://:password@redis:6379'],
    ['COMPOSITORD_AUTH', `[{"name":"studio","hash":"sha256:${'0a'.repeat(32)}","scopes":["read","write"]}]`],
  ]);
  for (const { name, valueFrom } of container.env!) t.ok(secrets.has(name) && valueFrom?.secretKeyRef, name);
  const env = { ...image.env, ...Object.fromEntries(secrets) };
  const loaded = loadConfig({ flags: {}, env, readFile: (path) => fileOf(path) });
  if ('problems' in loaded) return t.fail('problems', loaded);
  const { settings } = loaded.config;
  t.match(settings, {
    auth: [{ name: 'studio' }],
    trustProxy: 1,
    lease: { ttl: 30 },
    listen: { port: 8760 },
  });
  t.ok(pod.terminationGracePeriodSeconds! > 5 + settings.shutdown.grace);
});

/** The files of the ConfigMap. */
function fileOf(path: string): string {
  const text = config.data?.[path];
  if (text === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
  return text;
}
