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
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { problem: `cannot read ${path}: ${REASONS[code] ?? code}`, missing: code === 'ENOENT' };
  }
}
