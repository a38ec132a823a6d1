import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const FOLDER = fileURLToPath(new URL('../../dist/packages/', import.meta.url));
const bundles = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter(
  // What two of them share, or import later, has a hash in its name.
  (file) => file.endsWith('.js') && !/-[A-Z0-9]{8}\.js$/.test(file),
);

// A bundle of a CommonJS package has only a default export unless somebody names the others.
t.test('a bundled package exports what the installed one does', async (t) => {
  t.ok(bundles.includes('fastify.js'));
  for (const file of bundles) {
    const kinds = async (specifier: string) =>
      Object.entries((await import(specifier)) as object)
        .filter(([name]) => !['module.exports', '__esModule'].includes(name))
        .map(([name, value]) => `${name}: ${typeof value}`)
        .sort();
    t.strictSame(await kinds(join(FOLDER, file)), await kinds(file.replace(/\.js$/, '')), file);
  }
});

t.test('the licences of what is bundled are beside it', async (t) => {
  const licences = readFileSync(join(FOLDER, 'LICENSES'), 'utf8');
  for (const name of ['fastify', 'avvio', '@sinclair/typebox', 'ioredis'])
    t.match(licences, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+: MIT\\n\\n.+`, 'm'));
});
