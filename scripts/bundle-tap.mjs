// tap in one file: each test file imports it, and Node would spend half a second on its 400 modules each time.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { root } from './project.mjs';

/** What a compiled test imports. Not `.js`: it has no source of that name. */
export const bundledTap = join(root, 'dist-test/tap.mjs');

/** Makes it unless it is newer than the installed packages. */
export function bundleTap() {
  const made = statSync(bundledTap, { throwIfNoEntry: false });
  const installed = statSync(join(root, 'node_modules/.package-lock.json'), { throwIfNoEntry: false });
  if (made && (!installed || made.mtimeMs > installed.mtimeMs)) return;
  buildSync({
    entryPoints: [join(root, 'node_modules/tap/dist/esm/index.js')],
    outfile: bundledTap,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // It hands child processes a module that lies beside its own.
    external: ['@tapjs/processinfo'],
    // Some of what it is made of are CommonJS, and ask for Node's own modules by `require`.
    banner: {
      js: "import * as nodeModule from 'node:module';const require = nodeModule.createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
}
