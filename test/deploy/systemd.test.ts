// There is no systemd running where these tests do. So its own tools check the unit, the commands of docs/systemd.md are played in a
// folder, and what the unit's lines say is run as systemd would: start, ready check, reload, stop.
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { eventually } from '../failures/eventually.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';
import { UnitFile } from './unit-file.ts';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const UNIT = join(PROJECT, 'deploy/systemd/infinitemap-compositor-manager.service');
const text = await readFile(UNIT, 'utf8');
const unit = new UnitFile(text);
const commands = /```sh\n([^`]*)```/
  .exec(await readFile(join(PROJECT, 'docs/systemd.md'), 'utf8'))![1]!
  .trim()
  .split('\n');

const analyze = (...args: string[]) => {
  const { status, stdout, stderr, error } = spawnSync('systemd-analyze', args, { encoding: 'utf8' });
  if (error) throw error;
  return { status, said: stdout + stderr };
};

/** What the unit gives the daemon as its environment. */
const environment = Object.fromEntries(
  unit.all('Environment').map((line) => line.split('=', 2) as [string, string]),
);

if (process.platform === 'linux') {
  t.test('systemd itself has nothing to say against it', async (t) => {
    t.strictSame(analyze('verify', UNIT), { status: 0, said: '' });
    const wrong = join(await temporaryFolder(t), 'wrong.service');
    await writeFile(wrong, text.replace('Restart=on-failure', 'Restart=whenever'));
    t.match(analyze('verify', wrong).said, /whenever/, 'and it would have said so');
  });

  t.test('its cage is tight', async (t) => {
    const { said } = analyze('security', '--offline=true', '--no-pager', UNIT);
    const exposure = Number(/Overall exposure level for [^:]*: ([0-9.]+)/.exec(said)?.[1]);
    t.ok(exposure < 2, said);
  });
}

t.test('what no tool knows', async (t) => {
  t.match(unit.all('MemoryDenyWriteExecute'), [], 'V8 could not compile');
  t.equal(unit.one('DynamicUser'), 'yes');
  t.equal(environment['COMPOSITORD_WORKERS'], 'auto');
  t.equal(environment['COMPOSITORD_STORE'], `file:/var/lib/${unit.one('StateDirectory')}`);
  t.equal(unit.one('WorkingDirectory'), `/etc/${unit.one('ConfigurationDirectory')}`);
  t.ok(Number(unit.one('TimeoutStopSec')) > 8 + 2, 'longer than shutdown.grace');
  t.ok(Number(unit.one('LimitNOFILE')) > 15_000 + 1000, 'more than stream.maxReaders');
});

t.test('installed by its four commands, it starts, is ready, reloads, and ends', async (t) => {
  t.equal(commands.length, 4);
  const [build, copy, install, enable] = commands as [string, string, string, string];
  t.equal(build, 'npm ci && npm run build && npm prune --omit=dev', 'as the Dockerfile does');
  t.equal(enable, 'sudo systemctl enable --now infinitemap-compositor-manager');

  const root = await temporaryFolder(t);
  const here = (line: string) =>
    line.replaceAll('sudo ', '').replaceAll(/(?<=[ ':"=])\/(?=opt|etc|var)/g, `${root}/`);
  await playedIn(t, await cloned(t), root, [here(copy), here(install)]);
  t.equal(
    await readFile(join(root, 'etc/systemd/system/infinitemap-compositor-manager.service'), 'utf8'),
    text,
  );

  const port = await freePort();
  const cwd = here(` ${unit.one('WorkingDirectory')}`).trim();
  await mkdir(cwd, { recursive: true });
  await writeFile(join(cwd, 'compositord.yaml'), `daemon: { listen: "127.0.0.1:${port}" }\nwall: {}\n`);
  const env = {
    ...environment,
    COMPOSITORD_STORE: here(environment['COMPOSITORD_STORE']!),
    // The Node that runs this test, and no other.
    PATH: `${await folderWithNode(t)}:${process.env['PATH']}`,
  };
  const [program, ...args] = here(unit.one('ExecStart')).split(' ');
  const daemon = new Program(t, program!, args, { cwd, env });
  const asSystemd = (line: string) =>
    // This machine may be busier than that of a person who waits for half a minute.
    new Program(t, 'sh', ['-c', here(line).replace(/^-/, '').replace('timeout 30 ', 'timeout 90 ')], {
      cwd,
      env: { ...env, MAINPID: String(daemon.pid) },
    });

  t.match(await asSystemd(unit.one('ExecStartPost')).exited, { code: 0 });
  const compositors = async () =>
    Object.keys(
      ((await (await fetch(`http://127.0.0.1:${port}/manifest`)).json()) as { compositors: object })
        .compositors,
    );
  t.same(await compositors(), ['wall'], 'ready, as soon as the check ends');

  await writeFile(join(cwd, 'compositors.json'), '[{ "name": "Desk" }]');
  t.match(await asSystemd(unit.one('ExecReload')).exited, { code: 0 });
  await daemon.complains(/the configuration was reloaded/);
  // With workers, that which answers may not be the one that wrote the line.
  await eventually(async () => (await compositors()).length === 2, 'both');
  t.same((await compositors()).sort(), ['desk', 'wall']);

  t.match(await daemon.stop(), { code: 0 });
  t.match(await asSystemd(unit.one('ExecStartPost')).exited, { code: 0 }, 'a dead daemon is not waited for');
});

t.test(
  'it ends with the code for which nobody starts it again, when its configuration is wrong',
  async (t) => {
    const cwd = await temporaryFolder(t);
    await writeFile(join(cwd, 'compositord.yaml'), 'daemon: { lisen: x }\n');
    const daemon = new Program(t, process.execPath, [join(PROJECT, 'dist/main.js'), 'serve'], { cwd });
    t.match(await daemon.exited, { code: Number(unit.one('RestartPreventExitStatus')) });
  },
);

/** What the commands need of a clone, without the time it takes to install one. */
async function cloned(t: Test): Promise<string> {
  const clone = await temporaryFolder(t);
  for (const name of ['dist', 'node_modules', 'package.json', 'deploy'])
    await symlink(join(PROJECT, name), join(clone, name));
  return clone;
}

async function folderWithNode(t: Test): Promise<string> {
  const folder = await temporaryFolder(t);
  await symlink(process.execPath, join(folder, 'node'));
  return folder;
}

async function playedIn(t: Test, cwd: string, root: string, lines: readonly string[]): Promise<void> {
  await mkdir(join(root, 'etc/systemd/system'), { recursive: true });
  for (const line of lines)
    t.match(await new Program(t, 'sh', ['-c', line], { cwd }).exited, { code: 0 }, line);
}
