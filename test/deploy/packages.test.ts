import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

// Overrides do not apply to those who install the package: what they pin here has to hold there by other means.
t.test('the packed daemon installs without a warning and is a command', { timeout: 280_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const tarball = pack(folder, ROOT);
  const files = run(folder, 'tar', 'tzf', tarball).split('\n');
  for (const path of [
    'dist/main.js',
    'dist/web/client.js',
    'docs/client.md',
    'openapi/openapi.yaml',
    'deploy/systemd/infinitemap-compositor-manager.service',
    'deploy/components/infinitemap_daemon.toml',
  ])
    t.ok(files.includes(`package/${path}`), path);
  const prefix = join(folder, 'prefix');
  const args = [
    'install',
    '--global',
    `--prefix=${prefix}`,
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
  ];
  t.notMatch(npm(folder, ...args, join(folder, tarball)), /warn/i);
  const command = join(prefix, 'bin/compositord');
  t.match(run(folder, command, '--version'), /^compositord \d+\.\d+\.\d+/);
  const port = await freePort();
  const daemon = new Program(
    t,
    command,
    ['serve', `--listen=127.0.0.1:${port}`, `--store=file:${join(folder, 'store')}`],
    {
      cwd: folder,
    },
  );
  await daemon.prints(new RegExp(`http://127.0.0.1:${port}\\b`), 45_000);
  for (const page of ['/map', '/docs/static/swagger-ui.css'])
    t.equal((await fetch(`http://127.0.0.1:${port}${page}`)).status, 200, page);
  await daemon.stop();
});

t.test('the packed client needs nothing else', { timeout: 200_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const tarball = pack(folder, join(ROOT, 'packages/client'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  npm(folder, 'install', '--offline', '--no-audit', join(folder, tarball));
  t.strictSame(
    readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.')),
    ['compositord-client'],
  );
  const program =
    "import { connect } from 'compositord-client'; const map = connect({ url: 'http://127.0.0.1:1' }); map.close(); console.log(map.state)";
  t.equal(run(folder, process.execPath, '--input-type=module', '--eval', program), 'closed\n');
});

/** Packs what is in `source` into `folder`; the name of the tarball. */
function pack(folder: string, source: string): string {
  npm(ROOT, 'pack', '--silent', `--pack-destination=${folder}`, source);
  return readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
}

/** The output of npm, with its warnings. */
function npm(cwd: string, ...args: string[]): string {
  return run(cwd, 'sh', '-c', 'npm "$@" 2>&1', 'npm', ...args);
}

function run(cwd: string, program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

async function temporaryFolder(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compositord-package-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
