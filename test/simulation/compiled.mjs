import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const rooms = [
  'src/domain',
  'src/concurrency',
  'src/services',
  'src/conformance',
  'test/simulation',
  'test/support',
];

/**
 * The code under test and its simulation as JavaScript in a new folder, which the caller removes. `change` may
 * return another text for a file: the ablation breaks one rule at a time with it.
 */
export function compiled(change = (file, text) => text) {
  const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const room of rooms) {
    for (const name of readdirSync(join(root, room), { recursive: true })) {
      const file = `${room}/${name}`;
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const { outputText } = ts.transpileModule(change(file, readFileSync(join(root, file), 'utf8')), {
        fileName: file,
        compilerOptions: {
          target: ts.ScriptTarget.ES2023,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
          inlineSourceMap: true,
        },
      });
      const target = join(folder, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, outputText);
    }
  }
  return folder;
}
