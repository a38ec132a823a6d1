// Everything that the tests run, compiled: dist, dist-web and dist-test.
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { bundleTap } from './bundle-packages.mjs';
import { transpile } from './transpile.mjs';

export async function buildTests() {
  await ensureBuilt();
  await transpile('web');
  await transpile('test');
  await bundleTap();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildTests();
