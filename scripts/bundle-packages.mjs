// Installed packages as one file each: of hundreds of files, Node takes longer to find and open them than to run them, at each start.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';
import { root } from './project.mjs';

/**
 * These stay as they are: beside their own code they look for a binary, and for a module to hand to child processes. React is that of
 * whoever uses our hook.
 */
const UNBUNDLED = ['lmdb', '@tapjs/processinfo', 'react'];

/** What a compiled test imports. Not `.js`: it has no source of that name. */
export const bundledTap = join(root, 'dist-test/tap.mjs');

const packages = join(root, 'dist/packages');
/** The folder of the package, also of one within another. */
const OF_PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The file that compiled code of `src` imports instead of this package; undefined: the package itself. */
export function bundledPackage(specifier) {
  const isPackage = !/^(?:\.|node:)/.test(specifier) && !UNBUNDLED.includes(specifier);
  return isPackage ? join(packages, `${specifier}.js`) : undefined;
}

/** Bundles what the compiled code of `src` imports, unless that is done. */
export async function bundlePackages() {
  const specifiers = importedPackages();
  if (specifiers.every((specifier) => isCurrent(bundledPackage(specifier)))) return;
  rmSync(packages, { recursive: true, force: true });
  const { metafile } = await bundle({
    entryPoints: specifiers.map((specifier) => ({ in: specifier, out: specifier })),
    outdir: packages,
    // What two of them import is there once.
    splitting: true,
    plugins: [withNames, withPages],
    metafile: true,
  });
  writeFileSync(join(packages, 'LICENSES'), licences(Object.keys(metafile.inputs)));
}

/** Bundles tap, unless that is done. */
export async function bundleTap() {
  if (isCurrent(bundledTap)) return;
  await bundle({ entryPoints: [join(root, 'node_modules/tap/dist/esm/index.js')], outfile: bundledTap });
}

function bundle(options) {
  return build({
    ...options,
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: UNBUNDLED,
    // Some of what they are made of are CommonJS, and ask for Node's own modules by `require`.
    banner: {
      js: "import * as nodeModule from 'node:module';const require = nodeModule.createRequire(import.meta.url),resolveInstalled = require.resolve;",
    },
    logLevel: 'warning',
  });
}

/** Each entry exports what Node finds in the package: a bundle of CommonJS would have nothing but a default. */
const withNames = {
  name: 'with names',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^/ }, ({ kind, path }) =>
      kind === 'entry-point' ? { path: `${path}.mjs`, namespace: 'entry', pluginData: path } : undefined,
    );
    onLoad({ filter: /^/, namespace: 'entry' }, async ({ pluginData: specifier }) => {
      const names = Object.keys(await import(specifier)).filter(
        (name) => !['module.exports', '__esModule'].includes(name),
      );
      return { contents: `export { ${names.join(', ')} } from '${specifier}';`, resolveDir: root };
    });
  },
};

/** The pages of Swagger UI stay where they are installed, and its code, which looks for them beside itself, is told where that is. */
const withPages = {
  name: 'with pages',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]@fastify[\\/]swagger-ui[\\/].*\.js$/ }, ({ path }) => {
      const file = JSON.stringify(relative(join(root, 'node_modules'), path).replaceAll('\\', '/'));
      const place = `var __dirname = require('node:path').dirname(resolveInstalled(${file}));`;
      return { contents: `${readFileSync(path, 'utf8')}\n${place}\n` };
    });
  },
};

/** The licences of the packages that these files are of: most ask to go with each copy. */
function licences(files) {
  const folders = new Set(files.flatMap((file) => OF_PACKAGE.exec(file)?.[0] ?? []));
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
      const file = readdirSync(join(root, folder)).find((each) => /^licen[cs]e/i.test(each));
      const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : '';
      return `${name} ${version}: ${license}\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function importedPackages() {
  const found = new Set();
  for (const name of readdirSync(join(root, 'dist'), { recursive: true }))
    if (name.endsWith('.js') && !/^(?:packages|web)\b/.test(name))
      for (const [, specifier] of readFileSync(join(root, 'dist', name), 'utf8').matchAll(
        /^import .* from "(?:\.\.?\/)+packages\/(.+)\.js";$/gm,
      ))
        found.add(specifier);
  return [...found];
}

/** Whether it is newer than the installed packages and this script. */
function isCurrent(file) {
  const sources = ['node_modules/.package-lock.json', 'scripts/bundle-packages.mjs'];
  const modified = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity;
  return sources.every((source) => modified(file) > modified(join(root, source)));
}
