import { tildeProblem } from '../domain/tilde.ts';

/** Reads a file as text; throws what `fs.readFileSync` throws. */
export type ReadFile = (path: string) => string;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/** The text of a file, or the reason why it cannot be read, fit for the end of a sentence. */
export function tryReadFile(
  path: string,
  readFile: ReadFile,
): { text: string } | { problem: string; missing: boolean } {
  try {
    return { text: readFile(path) };
  } catch (error) {
    return { problem: unreadable(path, error), missing: (error as NodeJS.ErrnoException).code === 'ENOENT' };
  }
}

/** What to say of a file that cannot be read. */
export function unreadable(path: string, error: unknown): string {
  const { code, message = String(error) } = error as Partial<NodeJS.ErrnoException>;
  return `cannot read ${path}: ${tildeProblem(path) ?? REASONS[code ?? ''] ?? code ?? message}`;
}
