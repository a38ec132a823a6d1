// Which test files a run takes, and what these import.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, resolve } from 'node:path';
import { filesIn, root } from './project.mjs';

/** Real processes, browsers and proxies: what takes long, and does not depend on the version of Node. */
const SLOW = [
  'browser',
  'commands',
  'deploy',
  'docs',
  'examples',
  'failures',
  'failures-redis',
  'fuzz',
  'incidents',
  'observability',
  'proxies',
  'replicas',
  'system',
];

/** Half a minute and more each, the longest first. What begins last would run alone in the end. */
const LONG = [
  'test/system/replicas-trace.test.ts',
  'test/system/replicas-trace-kills.test.ts',
  'test/deploy/dockerfile.test.ts',
  'test/examples/python.test.ts',
  'test/examples/vite.test.ts',
  'test/examples/rust.test.ts',
  'test/commands/main.test.ts',
  'test/system/kill.test.ts',
  'test/commands/verify.test.ts',
  'test/deploy/packages.test.ts',
];

/** The test files, relative to the project: all, or those named (a file, or a folder with all that is in it); with `--fast` without the slow ones. */
export function filesOf(args) {
  const named = args.filter((arg) => !arg.startsWith('--')).map((arg) => relative(root, resolve(arg)));
  const all = filesIn(join(root, 'test'))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${name}`)
    .sort();
  if (named.length > 0)
    return named.flatMap((name) =>
      existsSync(join(root, name)) && /\.m?[jt]s$/.test(name)
        ? [name]
        : all.filter((each) => each.startsWith(`${name}/`)),
    );
  return inOrder(args.includes('--fast') ? all.filter((name) => !SLOW.includes(folderOf(name))) : all);
}

/**
 * Those that take long first, then of each folder a part in each part of the run: those of one folder wait for the same (a
 * browser, a proxy, a clock), and beside them others can use the cores.
 */
function inOrder(files) {
  const placed = files.map((file) => {
    const folder = files.filter((each) => folderOf(each) === folderOf(file));
    const long = LONG.indexOf(file);
    return { file, place: long < 0 ? (folder.indexOf(file) + 0.5) / folder.length : long - LONG.length };
  });
  return placed.sort((a, b) => a.place - b.place).map(({ file }) => file);
}

function folderOf(file) {
  return file.split('/')[1];
}

/** The given files and all that they import of the project, over any number of steps. */
export function withImports(files) {
  const found = new Set(files);
  for (const file of found)
    for (const [, specifier] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+\.ts)'/g))
      found.add(normalize(join(dirname(file), specifier)));
  return found;
}
