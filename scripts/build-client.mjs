// node scripts/build-client.mjs [FOLDER]: dist/client -> packages/client/dist, or another folder: what reads, what publishes and the hook for
// React, one module each, what they share, and their types.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { ensureBuilt } from './build.mjs';
import { root } from './project.mjs';

await ensureBuilt();
const source = join(root, 'dist/client');
const output = resolve(process.argv[2] ?? join(root, 'packages/client/dist'));
rmSync(output, { recursive: true, force: true });
mkdirSync(output, { recursive: true });
for (const name of readdirSync(source).filter((each) => each.endsWith('.d.ts'))) {
  const types = readFileSync(join(source, name), 'utf8');
  // Every compiler finds these; the extension of a source only one that is new.
  writeFileSync(join(output, name), types.replace(/(from '\.\/[^']+)\.ts'/g, "$1.js'"));
}
buildSync({
  entryPoints: ['client', 'publish', 'react'].map((name) => join(source, `${name}.js`)),
  outdir: output,
  bundle: true,
  splitting: true,
  chunkNames: 'shared-[hash]',
  external: ['react'],
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
