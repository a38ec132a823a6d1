// npm runs this before it packs, links, or installs from git, because `dist` is not in the repository.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.mjs';

// `npm ci` runs this too, in a container before the sources are there, and with --omit=dev without the compiler.
const needed = ['src/main.ts', 'web/index.html', 'node_modules/esbuild', 'node_modules/typescript'];
if (needed.every((path) => existsSync(join(root, path)))) {
  const { ensureBuilt } = await import('./build.mjs');
  await ensureBuilt();
}
