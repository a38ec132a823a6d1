// deploy/observability/prometheus.yml as it is, but for where its token lies and how often it looks: Prometheus finds each replica by the name
// they share, in a network of their own, and one that comes without a line of its own.
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { MAIN, temporaryFolder } from '../support/daemon.ts';
import { Program } from '../support/program.ts';
import { authText, tokenFor } from '../support/tokens.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/observability/', import.meta.url));
const NAMES = fileURLToPath(new URL('./names-child.js', import.meta.url));

t.test('each replica is found, by the name that they share', { timeout: 180_000 }, async (t) => {
  const dir = await temporaryFolder(t);
  await cp(FOLDER, dir, { recursive: true });
  const scraper = tokenFor('prometheus', ['read']);
  await writeFile(join(dir, 'token'), scraper.token);
  const shipped = await readFile(join(dir, 'prometheus.yml'), 'utf8');
  const config = shipped.replace('/run/secrets/metrics-token', join(dir, 'token')).replaceAll('15s', '1s');
  await writeFile(join(dir, 'prometheus.yml'), config);
  await writeFile(join(dir, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  const addresses = (...all: string[]) => writeFile(join(dir, 'addresses'), all.join(' '));
  await addresses('127.0.0.2', '127.0.0.3');

  const script = 'ip link set lo up && mount --bind "$0" /etc/resolv.conf && echo ready && exec sleep 100000';
  const words = ['--map-root-user', '--net', '--mount', 'sh', '-c', script, join(dir, 'resolv.conf')];
  const holder = new Program(t, 'unshare', words);
  await holder.prints(/ready/);
  const inside = (command: string, args: readonly string[], env = {}) => {
    const enter = ['--target', String(holder.pid), '--user', '--net', '--mount', '--preserve-credentials'];
    return new Program(t, 'nsenter', [...enter, command, ...args], { env, cwd: dir });
  };
  await inside(process.execPath, [NAMES, join(dir, 'addresses')]).prints(/answers/);
  const daemon = (address: string) => {
    // On loopback it answers only to names that it knows.
    const where = [`--listen=${address}:8760`, `--hosts=${address}`];
    const args = [MAIN, ...where, `--store=file:${join(dir, 'store')}`, '--log-level=warn'];
    return inside(process.execPath, args, { COMPOSITORD_AUTH: authText(scraper) }).prints(/serves/, 60_000);
  };
  for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) await daemon(address);
  const prometheus = inside('prometheus', [
    `--config.file=${join(dir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dir, 'data')}`,
    '--web.listen-address=127.0.0.1:9090',
  ]);
  await prometheus.complains(/Server is ready to receive web requests/);

  /** The instances that are scraped, with the job that alerts and dashboard know, and how that went. */
  const scraped = async (): Promise<string[]> => {
    const curl = inside('curl', ['-fsS', 'http://127.0.0.1:9090/api/v1/targets?state=active']);
    await curl.exited;
    const { data } = JSON.parse(curl.stdout) as {
      data: { activeTargets: { labels: { job: string; instance: string }; health: string }[] };
    };
    return data.activeTargets
      .map(({ labels, health }) => `${labels.job} ${labels.instance} ${health}`)
      .sort();
  };
  const are = async (...numbers: number[]) => {
    const wanted = numbers.map((n) => `compositord 127.0.0.${n}:8760 up`).join();
    let last = '';
    const holds = async () => (last = (await scraped()).join()) === wanted;
    await eventually(holds, wanted, 60_000).catch((error: unknown) => {
      throw new Error(`${String(error)}, but ${last}\n${prometheus.stderr.slice(-2000)}`);
    });
  };
  await are(2, 3);
  await addresses('127.0.0.2', '127.0.0.3', '127.0.0.4');
  await are(2, 3, 4);
  await addresses('127.0.0.2', '127.0.0.4');
  await are(2, 4);
  t.pass('each change of the name was followed');
});
