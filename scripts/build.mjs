// src -> dist: JavaScript, then what browsers load. No types are checked here: `npm run types` does.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync, stop as stopEsbuild } from 'esbuild';
import { buildMap } from './build-map.mjs';
import { bundlePackages } from './bundle-packages.mjs';
import { outputOf, root, step, stop } from './project.mjs';
import { transpile } from './transpile.mjs';

const src = join(root, 'src');
const dist = join(root, 'dist');
const stamp = join(dist, '.built');
const demo = 'test/fixtures/geometry-os-history.jsonl.gz';
const inputs = [
  'src',
  'web',
  'tsconfig.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/build-map.mjs',
  'scripts/bundle-packages.mjs',
  'scripts/transpile.mjs',
  demo,
];

export async function build() {
  // What is read from now on may be newer than what is built from it, never older.
  const began = new Date();
  await step('Building the daemon', async () => {
    await transpile('src');
    await bundlePackages();
  });
  await step('Building its client', async () => {
    await declareClient();
    bundle('src/client/client.ts', 'client.js');
    bundle('src/client/publish.ts', 'publish.js');
  });
  await step('Building the map page', async () => {
    buildMap(root, dist);
    bundle('web/docs/docs.ts', 'docs.js');
  });
  // Its process would stay beside the daemon for as long as that runs.
  void stopEsbuild();
  mkdirSync(join(dist, 'demo'), { recursive: true });
  cpSync(join(root, demo), join(dist, 'demo/geometry-os-history.jsonl.gz'));
  chmodSync(join(dist, 'main.js'), 0o755);
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
}

/** Builds unless dist is at least as new as everything that it is made of. */
export async function ensureBuilt() {
  const built = existsSync(stamp) && existsSync(join(dist, 'main.js')) ? statSync(stamp).mtimeMs : -Infinity;
  if (inputs.some((input) => newest(join(root, input)) > built)) await build();
}

/** The types of the client, as a browser sees it: without anything of Node. */
async function declareClient() {
  const output = join(dist, 'client');
  const info = join(output, '.tsbuildinfo');
  // Without its output, tsc's note that nothing changed would leave the folder without declarations.
  if (!existsSync(join(output, 'client.d.ts'))) rmSync(info, { force: true });
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { code, text } = await outputOf(process.execPath, [tsc, '-p', join(src, 'client')]);
  if (code !== 0) stop(`the build failed:\n${text}`);
}

/** One minified module for browsers. */
function bundle(entry, name) {
  buildSync({
    entryPoints: [join(root, entry)],
    outfile: join(dist, 'web', name),
    bundle: true,
    minify: true,
    // Node shows the line that threw: a person reads some words of it, not all of the module.
    lineLimit: 160,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}

/** Folders count, too: theirs changes when a file is taken away. */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
