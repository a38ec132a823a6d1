// dist/client -> packages/client/dist: the client as one module, and its types.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { ensureBuilt } from './build.mjs';
import { root } from './project.mjs';

await ensureBuilt();
const source = join(root, 'dist/client');
const output = join(root, 'packages/client/dist');
rmSync(output, { recursive: true, force: true });
cpSync(source, output, {
  recursive: true,
  filter: (path) => path === source || path.endsWith('.d.ts'),
});
buildSync({
  entryPoints: [join(source, 'client.js')],
  outfile: join(output, 'client.js'),
  bundle: true,
  format: 'esm',
  target: 'es2022',
  logLevel: 'warning',
});
