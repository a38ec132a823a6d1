// Valkey, on which the tests of the Redis store run, too. Debian 12 has it in its backports alone: the program is taken from there into a
// folder of the project, and nothing of the machine changes.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './project.mjs';

// Not in node_modules: an install that goes on beside this empties that.
const CACHE = join(root, '.tap');
const FOLDER = join(CACHE, 'valkey');
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Puts Valkey at the end of the PATH, if it can be had. */
export function bringValkey() {
  const program = join(FOLDER, 'valkey-server');
  if (!existsSync(program) && existsSync(KEYRING)) takeFromDebian();
  if (existsSync(program)) process.env.PATH += delimiter + FOLDER;
}

function takeFromDebian() {
  const [mirror, release] =
    run('apt-get', [
      'indextargets',
      '--format',
      '$(REPO_URI) $(CODENAME)',
      'Created-By: Packages',
      'Origin: Debian',
    ])
      .split('\n')
      .map((line) => line.split(' '))
      .find(([, name = '']) => /^[a-z]+$/.test(name)) ?? [];
  if (release === undefined) return;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'valkey-'));
  try {
    for (const each of ['lists/partial', 'cache/archives/partial', 'none', 'files'])
      mkdirSync(join(folder, each), { recursive: true });
    const suites = [release, `${release}-backports`];
    writeFileSync(
      join(folder, 'sources.list'),
      suites.map((suite) => `deb [signed-by=${KEYRING}] ${mirror} ${suite} main\n`).join(''),
    );
    const apt = (...args) =>
      run(
        'apt-get',
        [
          ...Object.entries({
            'Dir::Etc::sourcelist': 'sources.list',
            'Dir::Etc::sourceparts': 'none',
            'Dir::State::lists': 'lists',
            'Dir::Cache': 'cache',
          }).flatMap(([name, path]) => ['-o', `${name}=${join(folder, path)}`]),
          ...args,
        ],
        folder,
      );
    apt('-qq', 'update');
    apt('-qq', 'download', 'valkey-tools');
    const archive = readdirSync(folder).find((name) => name.endsWith('.deb'));
    if (archive === undefined) return;
    run('dpkg-deb', ['-x', archive, 'files'], folder);
    mkdirSync(join(folder, 'bin'));
    // One program under several names: by its own it is the server.
    copyFileSync(join(folder, 'files/usr/bin/valkey-check-rdb'), join(folder, 'bin/valkey-server'));
    // It may lack a library that comes with Debian's Redis.
    if (run(join(folder, 'bin/valkey-server'), ['--version']) === '') return;
    rmSync(FOLDER, { recursive: true, force: true });
    renameSync(join(folder, 'bin'), FOLDER);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What it prints; nothing when it fails. */
function run(program, args, cwd = root) {
  const { status, stdout } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : '';
}
