// TypeScript to JavaScript, file by file and without a look at types (`npm run types` does that): a second for all of src.
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundledPackage, bundledTap } from './bundle-packages.mjs';
import { filesIn, root } from './project.mjs';

/** Where each folder of TypeScript is put as JavaScript. All lie as deep as their sources, so that relative paths to other files hold. */
const OUTPUTS = { src: 'dist', test: 'dist-test', web: 'dist-web' };

/** The compiled file of a source file, both relative to the project: `test/a.test.ts` -> `dist-test/a.test.js`. */
export function compiledPath(source) {
  const [folder, ...rest] = source.split('/');
  return [OUTPUTS[folder] ?? folder, ...rest].join('/').replace(/\.ts$/, '.js');
}

/** Brings the output of `folder` up to date: compiles or copies what is newer than its output, and removes what has lost its source. */
export async function transpile(folder) {
  const sources = new Set(filesIn(join(root, folder)).map((name) => `${folder}/${name}`));
  startAnewAfterChange(join(root, OUTPUTS[folder]));
  for (const source of sources) {
    if (isConfig(source)) continue;
    const output = compiledPath(source);
    // The moment of the source is the mark: also a file that was moved here with an older date is taken.
    const { mtime } = statSync(join(root, source));
    if (Number(statSync(join(root, output), { throwIfNoEntry: false })?.mtime) === Number(mtime)) continue;
    mkdirSync(dirname(join(root, output)), { recursive: true });
    if (source.endsWith('.ts')) await writeCompiled(source, output);
    else cpSync(join(root, source), join(root, output));
    utimesSync(join(root, output), mtime, mtime);
  }
  removeOrphans(folder, sources);
}

/** Another version of this script may compile differently. */
function startAnewAfterChange(output) {
  const mark = join(output, '.compiler');
  const { mtime } = statSync(fileURLToPath(import.meta.url));
  if (Number(statSync(mark, { throwIfNoEntry: false })?.mtime) === Number(mtime)) return;
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output);
  writeFileSync(mark, '');
  utimesSync(mark, mtime, mtime);
}

async function writeCompiled(source, output) {
  // Half a second, which a run with nothing to compile is spared.
  const { default: ts } = await import('typescript');
  const { outputText, sourceMapText } = ts.transpileModule(readFileSync(join(root, source), 'utf8'), {
    fileName: join(root, source),
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
      sourceMap: true,
    },
    transformers: { before: [intoOutputs(ts, output)] },
  });
  const map = {
    ...JSON.parse(sourceMapText),
    sources: [relative(dirname(join(root, output)), join(root, source))],
  };
  writeFileSync(join(root, output), outputText);
  writeFileSync(join(root, `${output}.map`), JSON.stringify(map));
}

/** What a test imports from `src` and `web` comes from where those are compiled to, and what is bundled from its one file. */
const intoOutputs = (ts, output) => (context) => {
  const { factory } = context;
  const visit = (node) => {
    const target = ts.isImportDeclaration(node) && moved(node.moduleSpecifier.text, output);
    if (!target) return node;
    return factory.updateImportDeclaration(
      node,
      node.modifiers,
      node.importClause,
      factory.createStringLiteral(target),
      node.attributes,
    );
  };
  return (file) => ts.visitEachChild(file, visit, context);
};

function moved(specifier, output) {
  const bundle = output.startsWith('dist/') ? bundledPackage(specifier) : specifier === 'tap' && bundledTap;
  if (bundle) return relative(dirname(join(root, output)), bundle).replace(/^(?!\.)/, './');
  const [, up, folder, rest] = /^((?:\.\.\/)+)(src|web)\/(.*)$/.exec(specifier) ?? [];
  return folder && `${up}${OUTPUTS[folder]}/${rest}`;
}

/** A module whose source is gone must not go on working here and fail everywhere else. */
function removeOrphans(folder, sources) {
  const output = join(root, OUTPUTS[folder]);
  for (const name of filesIn(output).filter((each) => /\.js(?:\.map)?$/.test(each))) {
    const source = `${folder}/${name.replace(/\.js(?:\.map)?$/, '.ts')}`;
    if (!sources.has(source) && !sources.has(`${folder}/${name}`) && !isBundle(folder, name))
      rmSync(join(output, name));
  }
}

/** What esbuild makes has no one source. */
function isBundle(folder, name) {
  return folder === 'src' && /^(?:web|packages)\//.test(name);
}

function isConfig(source) {
  return source.endsWith('tsconfig.json') || source.endsWith('.d.ts');
}
