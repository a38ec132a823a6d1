// The commands of docs/operations.md that save and restore the map of the Compose set and of Kubernetes, word for word. What stands in for
// docker, kubectl and npm runs the rest of its words by the built daemon, as the image does; the backup goes through the shipped nginx.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { STORE_REASONS } from '../../src/domain/store-error.ts';
import { eventually } from '../failures/eventually.ts';
import { KEEPS_ALL } from '../replicas/fleet.ts';
import { MAIN, startDaemon, temporaryFolder } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import { startNginx } from '../support/nginx.ts';
import { Program } from '../support/program.ts';
import { startRedis } from '../support/redis-server.ts';
import { authText, tokenFor } from '../support/tokens.ts';

const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');

/** The commands, without the words before those of compositord. */
const STANDING_IN = `
compositord() { "$NODE" "$MAIN" "$@"; }
npm() { shift 2; compositord "$@"; }
docker() { shift 5; compositord "$@"; }
kubectl() { shift 6; compositord "$@"; }
`;

t.test('backup from outside, and restore from standard input', { timeout: 180_000 }, async (t) => {
  const lines = page
    .split('\n')
    .filter((line) => /^ {4}.* (backup|restore) .*map\.gz/.test(line) && /npm|docker|kubectl/.test(line));
  t.match(lines, [/COMPOSITORD_TOKEN=\S+ npm start -- backup/, /docker compose run/, /kubectl exec -i/]);
  t.equal(lines.length, 3);

  const admin = tokenFor('admin', ['read', 'write', 'admin']);
  const redis = await startRedis(t, { args: KEEPS_ALL });
  const daemon = await startDaemon(t, {
    store: redis.url,
    args: ['--log-level=warn'],
    env: { COMPOSITORD_AUTH: authText(admin) },
  });
  const nginx = await startNginx(t, { upstreams: [daemon.port], site: 'http' });
  const { headers } = admin;
  const write = (key: string, brick: string) =>
    send('PATCH', `${daemon.url}/compositors/wall/tiles`, { [key]: { brick } }, headers);
  await send('PUT', `${daemon.url}/compositors/wall`, { name: 'Wall', ttl: 3600 }, headers);
  for (let x = 0; x < 20; x++) await write(`${x},0`, 'kept');
  const cwd = join(await temporaryFolder(t), 'clone');
  await mkdir(cwd);
  const env = { NODE: process.execPath, MAIN, COMPOSITORD_STORE: redis.url };
  const play = async (line: string) => {
    const here = line.replace('cmp_...', admin.token).replace('http://127.0.0.1:8760', nginx.url);
    const program = new Program(t, 'sh', ['-c', STANDING_IN + here.trim()], { cwd, env });
    t.match(await program.exited, { code: 0 }, `${line}\n${program.stderr}`);
  };
  const [backup, ...restores] = lines as [string, string, string];
  await play(backup);
  for (const restore of restores) {
    await write('0,0', 'later');
    await play(restore);
    const store = new Program(t, process.execPath, [MAIN, 'inspect', redis.url], { cwd });
    t.match(await store.exited, { code: 0 });
    t.match(store.stdout, /^tiles +20$/m);
    const brick = async () => {
      const { body } = await send('GET', `${nginx.url}/manifest`, undefined, headers);
      return (body as { tiles: Record<string, { brick: string }> }).tiles['0,0']?.brick;
    };
    await eventually(async () => (await brick()) === 'kept', 'the daemon takes it up', 60_000);
  }
});

t.test('each reason of a store has its line: cause and action', async (t) => {
  const rows = page.split('\n').filter((line) => line.startsWith('| '));
  for (const reason of Object.keys(STORE_REASONS)) {
    const row = rows.find((line) => line.split('|')[1]!.includes(`\`${reason}\``));
    t.match(
      row
        ?.split('|')
        .slice(2, 4)
        .map((cell) => cell.trim()),
      [/^\S/, /^\S/],
      reason,
    );
  }
});
