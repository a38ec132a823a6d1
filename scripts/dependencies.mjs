// Installs the locked dependencies when what is in node_modules is not what package-lock.json says.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { outputOf, root, step, stop } from './project.mjs';

export async function ensureDependencies() {
  if (isInstalled(root)) return;
  const { length } = Object.keys(packages(`${root}package-lock.json`) ?? {});
  // By npm's own path when it runs us: on Windows `npm` alone is no program. With dev dependencies whatever
  // NODE_ENV says: the build needs the compiler.
  const npm = process.env.npm_execpath;
  const [program, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  // No package may run code on install: what needs a binary here (lmdb, node@24) carries it inside the package.
  const args = ['ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund'];
  const npmCi = () => outputOf(program, [...first, ...args]);
  const { code, text } = await step(`Installing ${length} packages`, npmCi).catch((error) =>
    stop(`cannot run npm: ${error.message}`),
  );
  if (code !== 0) stop(`npm ci failed:\n${text}`);
}

/**
 * Whether node_modules in `folder` (with a slash at its end) is what the lockfile says. npm writes down what it installed
 * at the very end, in node_modules itself: so an older or a cut-off install differs.
 */
export function isInstalled(folder) {
  const wanted = packages(`${folder}package-lock.json`);
  const present = packages(`${folder}node_modules/.package-lock.json`);
  if (!wanted || !present) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue;
    const here = present[path];
    // An optional package of another platform is rightly absent.
    if (here ? here.version !== entry.version || here.integrity !== entry.integrity : !entry.optional)
      return false;
  }
  return Object.keys(present).every((path) => path in wanted);
}

function packages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await ensureDependencies();
