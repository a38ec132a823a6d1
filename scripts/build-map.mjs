// web/ -> dist/web/map: scripts and a style sheet with the hash of what they hold in their names, and the page that names them.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

export function buildMap(root, dist) {
  const source = join(root, 'web');
  const folder = join(dist, 'web/map');
  // Names change with what is in them: the old ones would stay for ever.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const style = bundle(source, folder, 'style.css', {});
  const page = bundle(source, folder, 'page.ts', {});
  // A bundle of its own: what both need is small, and one file fewer to wait for.
  const main = bundle(source, folder, 'main.ts', {
    define: { PAGE: JSON.stringify(`./${page}`) },
    external: [`./${page}`],
  });
  const names = { style, page, main };
  const html = readFileSync(join(source, 'index.html'), 'utf8').replace(
    /%(style|page|main)%/g,
    (_, name) => names[name],
  );
  writeFileSync(join(folder, 'index.html'), html);
}

/** Writes it, also packed; its name. */
function bundle(source, folder, entry, options) {
  const [{ path, contents }] = buildSync({
    ...options,
    entryPoints: [join(source, entry)],
    entryNames: '[name]-[hash]',
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    legalComments: 'none',
    write: false,
    logLevel: 'warning',
  }).outputFiles;
  writeFileSync(path, contents);
  writeFileSync(`${path}.gz`, gzipSync(contents));
  // Not the highest quality: that takes seconds, and saves a twentieth.
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  );
  return basename(path);
}
