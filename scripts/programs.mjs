// The programs that the tests run and npm cannot bring, in one place; as a program of its own it brings all of them.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { say, stop } from './project.mjs';
import { filesOf, withImports } from './test-files.mjs';
import { bringValkey } from './valkey.mjs';

/** Each with the Debian package that has it, the files that run it, what it is for, and how else to get it. */
const PROGRAMS = [
  {
    program: 'python3',
    apt: 'python3',
    usedBy: [
      'test/support/pty.ts',
      'test/commands/hang-up.test.ts',
      'test/examples/python.test.ts',
      'test/system/service-notify.test.ts',
    ],
    why: 'the Python examples and the terminal',
    brew: 'python',
  },
  {
    program: 'curl',
    apt: 'curl',
    usedBy: [
      'test/docs/readme.test.ts',
      'test/examples/publish.test.ts',
      'test/observability/scrape-names.test.ts',
      'test/routes/stream-gzip.test.ts',
    ],
    why: 'the curl tour',
    brew: 'curl',
  },
  {
    program: 'gzip',
    apt: 'gzip',
    usedBy: ['test/examples/publish.test.ts'],
    why: 'the traces',
    brew: 'gzip',
  },
  {
    program: 'nginx',
    apt: 'nginx',
    usedBy: ['test/support/nginx.ts'],
    why: 'the proxy tests',
    brew: 'nginx',
  },
  {
    program: 'openssl',
    apt: 'openssl',
    usedBy: ['test/support/certificate.ts', 'test/support/authority.ts'],
    why: 'the tests over TLS',
    brew: 'openssl',
  },
  {
    program: 'redis-server',
    apt: 'redis-server',
    usedBy: ['test/support/redis-server.ts'],
    why: 'the Redis store',
    brew: 'redis',
  },
  {
    program: 'chromium',
    apt: 'chromium',
    usedBy: ['test/support/browser.ts'],
    why: 'the browser tests',
    brew: '--cask chromium',
  },
  {
    program: 'systemd-analyze',
    apt: 'systemd',
    usedBy: ['test/deploy/systemd.test.ts', 'test/system/service-notify.test.ts'],
    why: 'the systemd unit',
    brew: 'nothing: it is of Linux',
    optional: process.platform !== 'linux',
  },
  {
    program: 'unshare',
    apt: 'util-linux',
    usedBy: [
      'test/support/small-disk.ts',
      'test/support/number-one.ts',
      'test/observability/scrape-names.test.ts',
    ],
    why: 'a full disk, and a container of one process',
    brew: 'nothing: it is of Linux',
    optional: process.platform !== 'linux',
  },
  ...['promtool', 'prometheus'].map((program) => ({
    program,
    apt: 'prometheus',
    usedBy: [
      'test/support/prometheus.ts',
      'test/incidents/alerts.ts',
      'test/observability/scrape-names.test.ts',
    ],
    why: 'the metrics, the alerts and the dashboard',
    brew: 'prometheus',
  })),
  {
    program: 'systemd-nspawn',
    apt: 'systemd-container',
    usedBy: ['test/support/booted.ts'],
    why: 'the recipes of docs/systemd.md, which its test names where it cannot play them',
    brew: 'nothing: it is of Linux',
    optional: true,
  },
  ...['zsh', 'fish'].map((program) => ({
    program,
    apt: program,
    usedBy: ['test/commands/completion.test.ts'],
    why: `the completion of ${program}`,
    brew: program,
    optional: true,
  })),
  // Their examples are tried where they are, and their test says by name where they are not.
  ...['haproxy', 'caddy'].map((program) => ({
    program,
    apt: program,
    usedBy: ['test/proxies/haproxy-or-caddy.ts'],
    why: `the example for ${program}`,
    brew: program,
    optional: true,
  })),
];

/**
 * Installs what these test files need and is missing where it may (root on Debian or Ubuntu); else ends with one message
 * that names what must be there.
 */
export function ensurePrograms(files) {
  const used = withImports(files);
  const missing = PROGRAMS.filter(
    ({ program, usedBy }) => usedBy.some((file) => used.has(file)) && !isHere(program),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ apt }) => apt);
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version') && isHere('apt-get')) {
    say(`Installing what the tests need: ${names.join(' ')} ...`);
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...names);
    const still = missing.filter(({ program, optional }) => !optional && !isHere(program));
    if (still.length > 0) stop(`apt-get did not bring ${still.map(({ program }) => program).join(', ')}.`);
    return;
  }
  const needed = missing.filter(({ optional }) => !optional);
  if (needed.length === 0) return;
  const lines = needed.map(({ program, why }) => `  ${program}, for ${why}`);
  stop(
    `the tests need programs that are not here:\n${lines.join('\n')}\n` +
      `Debian, Ubuntu: sudo apt-get install ${needed.map(({ apt }) => apt).join(' ')}\n` +
      `macOS: brew install ${needed.map(({ brew }) => brew).join(' ')}`,
  );
}

/** Those of these files that can be run: a server that is one more of its kind is tried where it can be had. */
export function runnable(files) {
  const file = 'test/adapters/valkey-store.test.ts';
  if (!files.includes(file)) return files;
  if (!isHere('valkey-server')) bringValkey();
  if (isHere('valkey-server')) return files;
  say(`Valkey is not to be had here, so ${file} is left out.`);
  return files.filter((each) => each !== file);
}

function isHere(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function apt(...args) {
  const { status } = spawnSync('apt-get', ['-qq', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) stop(`apt-get ${args[0]} failed; the lines above say why.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const files = filesOf([]);
  ensurePrograms(files);
  runnable(files);
}
