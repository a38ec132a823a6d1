// The pages that people read, and the commands in them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders with pages. What `docs/decisions` and `docs/performance` say is history. */
const FOLDERS = [
  '.',
  'docs',
  'docs/start',
  'examples',
  'examples/typescript',
  'examples/vite',
  'openapi',
  'openapi/vectors',
  'packages/client',
];

/** A page, by its path in the project. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** Commands that are pasted together: a block, or a `curl` in the middle of a line. */
export interface Commands {
  readonly page: string;
  readonly text: string;
}

export const PAGES: readonly Page[] = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
    .map((name) => normalize(join(folder, name))),
).map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }));

export function page(path: string): string {
  const found = PAGES.find((each) => each.path === path);
  if (found === undefined) throw new Error(`there is no page ${path}`);
  return found.text;
}

/** Fenced blocks of a language, in order. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n([^]*?)^```$/gm)]
    .filter(([, kind]) => kind === language)
    .map(([, , block]) => block!);
}

/** All commands of a page, in their order. Indented blocks are commands where they begin with a program. */
export function commandsOf({ path, text }: Page): Commands[] {
  const programs = /npm|npx|node|compositord|curl|docker|kubectl|sudo|systemctl|journalctl|redis-server/;
  const found = new RegExp(
    [
      '^```sh\\n([^]*?)^```$',
      `(?<=\\n\\n)((?: {4}(?:[A-Z_]+=\\S+ )?(?:${programs.source}) .*\\n)(?: {4}.*\\n|\\n(?= {4}))*)`,
      '`(curl [^`]*127\\.0\\.0\\.1:8760[^`]*)`',
    ].join('|'),
    'gm',
  );
  return [...text.matchAll(found)].map(([, fenced, indented, inline]) => ({
    page: path,
    text: fenced ?? indented?.replace(/^ {4}/gm, '') ?? inline!.replaceAll('\\|', '|'),
  }));
}

/** The pages and files of the project that a page leads to, and the headings in them: `docs/security.md`, `docs/security.md#tokens`. */
export function linksOf({ path, text }: Page): string[] {
  return [...text.matchAll(/\]\((?![a-z]+:)([^)\s]+)\)/g)].map(([, target]) => {
    const [file, heading] = target!.split('#');
    const to = file === '' ? path : relative(ROOT, join(ROOT, dirname(path), file!));
    return heading === undefined ? to : `${to}#${heading}`;
  });
}

/** The names of a page's headings in links, as GitHub makes them. */
export function headingsOf(text: string): string[] {
  return [...text.replace(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  );
}
