// Everything that the tests run and read, made of what it comes from: dist, dist-web and dist-test.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt } from './build.mjs';
import { bundleTap } from './bundle-packages.mjs';
import { root } from './project.mjs';
import { transpile } from './transpile.mjs';

export async function buildTests() {
  await ensureBuilt();
  await transpile('web');
  await transpile('test');
  await bundleTap();
  await parseContract();
}

/** The committed contract as JSON: each file of tests that builds a daemon reads it, and YAML takes it a quarter of a second. */
async function parseContract() {
  const contract = join(root, 'openapi/openapi.yaml');
  const parsed = join(root, 'dist-test/openapi.json');
  const made = statSync(parsed, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  if (made > statSync(contract).mtimeMs) return;
  const { parse } = await import('yaml');
  writeFileSync(parsed, JSON.stringify(parse(readFileSync(contract, 'utf8'))));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildTests();
