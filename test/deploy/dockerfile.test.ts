// There is no Docker where these tests run. So the Dockerfile is checked by a linter, its very steps are done by hand in a folder, and
// what comes out is run as the image would run it: its user, its environment, its command, its program not writable, its HEALTHCHECK.
import { spawnSync } from 'node:child_process';
import { chmod, chown, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import t, { type Test } from 'tap';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { send } from '../support/http-client.ts';
import { Program } from '../support/program.ts';
import { dockerfileStages } from './dockerfile-steps.ts';
import { playDockerfile } from './play-dockerfile.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const text = await readFile(join(PROJECT, 'Dockerfile'), 'utf8');
const stages = dockerfileStages(text);
const image = stages.at(-1)!;

// `npm ci` of everything takes minutes where much else goes on.
t.setTimeout(500_000);

t.test('the linter has nothing to say', async (t) => {
  t.strictSame(validate(text), []);
});

t.test('what an image must say', async (t) => {
  for (const { base } of stages) t.match(base, /^node:24-bookworm-slim$/);
  t.match(image.user, /^[1-9]\d*:[1-9]\d*$/, 'a number, and not root');
  t.equal(image.stopSignal, 'SIGTERM');
  t.strictSame(image.entrypoint, ['node', '/app/dist/main.js'], 'no shell between the signal and the daemon');
  t.strictSame(image.cmd, ['serve']);
  t.strictSame(image.volumes, [], 'replicas with a Redis leave no nameless volume behind');
  t.strictSame(image.ports, ['8760']);
  t.match(image.env, {
    COMPOSITORD_LISTEN: '0.0.0.0:8760',
    COMPOSITORD_STORE: 'file:/data',
    COMPOSITORD_WORKERS: 'auto',
  });
  t.strictSame(image.healthcheck?.command, ['node', '/app/healthcheck.mjs', 'live']);
  t.notOk(
    image.steps.some(({ kind }) => kind === 'run'),
    'the runtime stage runs nothing',
  );
  const names = ['title', 'description', 'licenses', 'version', 'revision', 'base.name'];
  for (const name of names) t.ok(image.labels[`org.opencontainers.image.${name}`], name);
  t.notMatch(text, /password|secret|token|_authToken/i);
});

t.test('built by hand, and run as it would be', { timeout: 490_000 }, async (t) => {
  const into = await temporaryFolder(t);
  const root = await playDockerfile(stages, { context: PROJECT, into });
  await takeOver(t, root);
  const app = join(root, 'app');

  t.test('it holds the program and nothing else', async (t) => {
    t.strictSame((await readdir(app)).sort(), [
      'LICENSE',
      'dist',
      'healthcheck.mjs',
      'node_modules',
      'package.json',
      'sbom.cdx.json',
    ]);
    const bill = JSON.parse(await readFile(join(app, 'sbom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: readonly { name: string; version: string; purl: string }[];
    };
    t.equal(bill.bomFormat, 'CycloneDX');
    t.ok(bill.components.length > 50);
    for (const name of ['fastify', 'lmdb', 'pino']) {
      const { version } = JSON.parse(
        await readFile(join(app, 'node_modules', name, 'package.json'), 'utf8'),
      ) as { version: string };
      t.ok(
        bill.components.some(({ purl }) => purl === `pkg:npm/${name}@${version}`),
        name,
      );
    }
    t.notOk(
      bill.components.some(({ name }) => name === 'typescript'),
      'nothing that only builds it',
    );
    const packages = await readdir(join(app, 'node_modules'));
    for (const name of ['fastify', 'lmdb', 'pino']) t.ok(packages.includes(name), name);
    for (const name of ['tap', 'typescript', 'eslint', 'prettier']) t.notOk(packages.includes(name), name);
  });

  t.test('it serves, is healthy, ends well, and keeps its data', async (t) => {
    const first = await start(t, root);
    const wall = `${first.url}/compositors/wall`;
    t.equal((await send('PUT', wall, { name: 'Wall', ttl: 3600 })).status, 201);
    const put = await send('PATCH', `${wall}/tiles`, { '3,-4': { brick: 'wall.rts.png' } });
    t.equal(put.status, 200);
    for (const which of ['live', 'ready'])
      t.strictSame(await first.healthcheck(which), { code: 0, signal: null }, which);
    t.strictSame(await first.program.stop(image.stopSignal as 'SIGTERM'), { code: 0, signal: null });
    t.equal((await first.healthcheck('live')).code, 1, 'nobody there is not healthy');

    const second = await start(t, root);
    t.equal((await send('GET', `${second.url}/manifest`)).body.cursor, put.body.cursor);
  });

  t.test('its program cannot be changed by its user', async (t) => {
    const touch = new Program(
      t,
      ...asUser(['sh', '-c', `touch ${join(app, 'dist/new')} ${join(app, 'dist/main.js')}`]),
    );
    t.not((await touch.exited).code, 0);
    t.match(touch.stderr, /new.*Permission denied\n.*main\.js.*Permission denied/);
  });

  t.test('a file beside it configures it, and the health check follows', async (t) => {
    const file = join(root, image.workdir, 'compositord.yaml');
    await writeFile(file, 'daemon: { basePath: /below }\nwall: { name: The Wall }\n');
    const daemon = await start(t, root);
    t.equal((await daemon.healthcheck('ready')).code, 0);
    t.equal((await send('GET', `${daemon.url}/below/compositors/wall`)).body.name, 'The Wall');
    t.equal((await send('GET', `${daemon.url}/health/live`)).status, 404, 'it is nowhere else');
  });

  t.test('the store may come from a secret, once the variable of the image is emptied', async (t) => {
    const secret = join(root, 'secret');
    await writeFile(secret, `file:${join(root, 'data')}\n`);
    const env = { ...inside(root), COMPOSITORD_STORE_FILE: secret, COMPOSITORD_AUTH: 'open' };
    const args = ['node', join(app, 'dist/main.js'), 'check'];
    const wrong = new Program(t, ...asUser(args), { cwd: root, env });
    t.not((await wrong.exited).code, 0);
    t.match(wrong.stderr, /COMPOSITORD_STORE sets store already/);
    const right = new Program(t, ...asUser(args), { cwd: root, env: { ...env, COMPOSITORD_STORE: '' } });
    t.equal((await right.exited).code, 0, right.stderr);
  });
});

interface Container {
  readonly url: string;
  readonly program: Program;
  healthcheck(which: string): Promise<{ code: number | null }>;
}

/** As `docker run -p <port>:8760` does it, but for the port, which is the test's own. */
async function start(t: Test, root: string): Promise<Container> {
  const port = await freePort();
  const cwd = join(root, image.workdir);
  // The image listens beyond loopback, and its health check reads the configuration: it must say who may write.
  const env = { ...inside(root), COMPOSITORD_LISTEN: `127.0.0.1:${port}`, COMPOSITORD_AUTH: 'open' };
  const command = [...image.entrypoint!, ...image.cmd!].map((word) => atRoot(root, word));
  const program = new Program(t, ...asUser(command), { cwd, env });
  await program.prints(/compositord serves/);
  return {
    url: `http://127.0.0.1:${port}`,
    program,
    healthcheck: async (which) => {
      const words = image.healthcheck!.command.slice(0, -1).map((word) => atRoot(root, word));
      // The wildcard, as the image has it: the check must know that it is no address to connect to.
      const asInImage = { ...env, COMPOSITORD_LISTEN: `0.0.0.0:${port}` };
      return new Program(t, ...asUser([...words, which]), { cwd, env: asInImage }).exited;
    },
  };
}

/** The image's environment, with its folders where they are here. */
function inside(root: string): Record<string, string> {
  return Object.fromEntries(Object.entries(image.env).map(([name, value]) => [name, atRoot(root, value)]));
}

function atRoot(root: string, word: string): string {
  return word.replace(/(^|:)(\/(?:app|data))/, `$1${root}$2`);
}

/** Only root can be somebody else. */
const isRoot = process.getuid?.() === 0;

/** The command as the image's user. */
function asUser(command: readonly string[]): [string, string[]] {
  const [uid, gid] = image.user!.split(':');
  const user = isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
  // The test runner's hook comes in this variable, and writes where the image's user may not.
  return ['env', ['-u', 'NODE_OPTIONS', ...user, ...command]];
}

/** Gives the image's files to their owners, lets its user in, and nobody write into the program. */
async function takeOver(t: Test, root: string): Promise<void> {
  for (let path = root; path.includes('compositord-test-'); path = join(path, '..')) await chmod(path, 0o755);
  const app = join(root, 'app');
  spawnSync('chmod', ['-R', 'a-w', app]);
  // Or the folder could not be removed.
  t.teardown(() => spawnSync('chmod', ['-R', 'u+w', app]));
  if (!isRoot) return;
  for (const step of image.steps) {
    if (step.kind === 'copy' && step.owner !== undefined) {
      const [uid, gid] = step.owner.split(':').map(Number);
      await chown(join(root, step.target), uid!, gid!);
    }
  }
}
