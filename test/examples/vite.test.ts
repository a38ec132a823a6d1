// examples/vite: installed from its lockfile, built by Vite, opened in a browser. Nowhere else does the hook meet React itself.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { eventually } from '../failures/eventually.ts';
import { HttpPublisher } from '../failures/publisher.ts';
import { build } from '../support/build.ts';
import { startBrowser } from '../support/browser.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { Program } from '../support/program.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

t.test('the page with React', { timeout: 280_000 }, async (t) => {
  const folder = await temporaryFolder(t);
  const example = join(folder, 'examples/vite');
  const client = join(folder, 'packages/client');
  await cp(join(ROOT, 'examples/vite'), example, {
    recursive: true,
    filter: (path) => !/node_modules|dist$/.test(path.slice(ROOT.length)),
  });
  await mkdir(client, { recursive: true });
  execFileSync(process.execPath, [join(ROOT, 'scripts/build-client.mjs'), join(client, 'dist')]);
  await cp(join(ROOT, 'packages/client/package.json'), join(client, 'package.json'));
  const npm = (...args: string[]) =>
    execFileSync('npm', args, { cwd: example, stdio: ['ignore', 'ignore', 'pipe'] });
  npm('ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund');

  const [port, daemonPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const { app } = await build(t, {
    settings: { listen: { host: '127.0.0.1', port: daemonPort }, cors: { origins: [origin] } },
  });
  const wall = await HttpPublisher.join(await app.listen(), 'wall', { name: 'The wall' });
  await wall.patch({ '0,0': { brick: 'a' }, '20,3': { brick: 'b' } });
  await writeFile(join(example, '.env'), `VITE_COMPOSITORD=http://127.0.0.1:${daemonPort}\n`);
  npm('run', 'build');
  const vite = join(example, 'node_modules/vite/bin/vite.js');
  const preview = ['preview', '--host', '127.0.0.1', '--port', String(port), '--strictPort'];
  await new Program(t, process.execPath, [vite, ...preview], { cwd: example }).prints(/Local/, 60_000);

  const browser = await startBrowser(t);
  const page = await browser.open(origin);
  await page.getByText('live, 1 tiles of The wall').waitFor();
  await page.getByTitle('a of wall').waitFor();
  await wall.patch({ '1,1': { brick: 'c' }, '0,0': null });
  await page.getByTitle('c of wall').waitFor();
  t.equal(await page.getByTitle('a of wall').count(), 0);
  t.equal(app.feed.readers, 1, 'what StrictMode opened first is closed');
  await page.getByText('→').click();
  await page.getByTitle('b of wall').waitFor();
  t.equal(app.feed.readers, 1);

  const { manifest } = app.replica.copy;
  await page.getByLabel('18,5', { exact: true }).click();
  await page.getByTitle(/^react\.rts\.png of react-/).waitFor();
  t.match(manifest.tile('18,5'), { brick: 'react.rts.png', compositor: /^react-/ });
  await page.goto('about:blank');
  await eventually(() => manifest.tile('18,5') === undefined, 'its compositor leaves');
  await eventually(() => app.feed.readers === 0, 'its stream ends');

  // On a server the hook connects to nothing.
  const server = `
    import { createElement } from 'react';
    import { renderToString } from 'react-dom/server';
    import { useManifest } from 'compositord-client/react';
    const Tiles = () => { const { state, tiles } = useManifest({ url: 'http://127.0.0.1:1' }); return state + tiles.size };
    console.log(renderToString(createElement(Tiles)));`;
  await writeFile(join(example, 'server.mjs'), server);
  const args = ['--preserve-symlinks', 'server.mjs'];
  t.equal(execFileSync(process.execPath, args, { cwd: example, encoding: 'utf8' }), 'connecting0\n');
});

t.test('the lockfile names no registry', async (t) => {
  for (const example of ['vite', 'typescript']) {
    const lock = readFileSync(join(ROOT, `examples/${example}/package-lock.json`), 'utf8');
    t.notMatch(lock, /"resolved": "http/);
  }
});
