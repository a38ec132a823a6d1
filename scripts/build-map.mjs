// web/ -> dist/web/map: one script and one style sheet with the hash of what they hold in their names, and the page that names them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

export function buildMap(root, dist) {
  const source = join(root, 'web');
  const folder = join(dist, 'web/map');
  // Names change with what is in them: the old ones would stay for ever.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { outputFiles } = buildSync({
    entryPoints: { map: join(source, 'main.ts'), style: join(source, 'style.css') },
    entryNames: '[name]-[hash]',
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  });
  const names = {};
  for (const { path, contents } of outputFiles) {
    const name = path.slice(folder.length + 1);
    names[name.endsWith('.css') ? 'style' : 'script'] = name;
    writeFileSync(path, contents);
    writeFileSync(`${path}.gz`, gzipSync(contents));
    // Not the highest quality: that takes seconds, and saves a twentieth.
    writeFileSync(
      `${path}.br`,
      brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    );
  }
  const page = readFileSync(join(source, 'index.html'), 'utf8').replace(
    /%(script|style)%/g,
    (_, name) => names[name],
  );
  writeFileSync(join(folder, 'index.html'), page);
}
