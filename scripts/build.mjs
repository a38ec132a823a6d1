// src -> dist: tsc, then what tsc does not copy, then what browsers load.
import { spawnSync } from 'node:child_process';
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
import { root, stop } from './project.mjs';

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
  demo,
];

export function build() {
  // Without its output, tsc's note that nothing changed would leave dist empty.
  if (!existsSync(join(dist, 'main.js'))) rmSync(join(dist, '.tsbuildinfo'), { force: true });
  // What is read from now on may be newer than what is built from it, never older.
  const began = new Date();
  tsc();
  // The client again, for its declarations, and as a browser sees it: without anything of Node.
  if (!existsSync(join(dist, 'client/client.d.ts')))
    rmSync(join(dist, 'client/.tsbuildinfo'), { force: true });
  tsc('-p', join(src, 'client'));
  for (const file of filesIn(src).filter((name) => !/\.ts$|tsconfig\.json$/.test(name)))
    cpSync(join(src, file), join(dist, file));
  dropOrphans();
  bundle('client/client.ts', 'client.js');
  buildMap(root, dist);
  // Its process would stay beside the daemon for as long as that runs.
  void stopEsbuild();
  mkdirSync(join(dist, 'demo'), { recursive: true });
  cpSync(join(root, demo), join(dist, 'demo/geometry-os-history.jsonl.gz'));
  chmodSync(join(dist, 'main.js'), 0o755);
  writeFileSync(stamp, '');
  utimesSync(stamp, began, began);
}

/** Builds unless dist is at least as new as everything that it is made of. */
export function ensureBuilt() {
  const built = existsSync(stamp) && existsSync(join(dist, 'main.js')) ? statSync(stamp).mtimeMs : -Infinity;
  if (inputs.some((input) => newest(join(root, input)) > built)) build();
}

function tsc(...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) stop('the build failed; the lines above say where.');
}

/** One minified module for browsers. */
function bundle(entry, name) {
  buildSync({
    entryPoints: [join(src, entry)],
    outfile: join(dist, 'web', name),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    logLevel: 'warning',
  });
}

/** A module whose source is gone must not go on working here and fail everywhere else. */
function dropOrphans() {
  for (const file of filesIn(dist)) {
    const source = join(src, file.replace(/(?:\.d\.ts|\.js(?:\.map)?)$/, '.ts'));
    if (/\.(?:d\.ts|js(?:\.map)?)$/.test(file) && !existsSync(source)) rmSync(join(dist, file));
  }
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true }).filter((name) => statSync(join(folder, name)).isFile());
}

/** Folders count, too: theirs changes when a file is taken away. */
function newest(path) {
  const { mtimeMs } = statSync(path);
  if (!statSync(path).isDirectory()) return mtimeMs;
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) build();
