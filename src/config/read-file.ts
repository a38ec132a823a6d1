/** The text of a file; throws what `fs.readFileSync` throws. */
export type ReadFile = (path: string) => string;

/** The text of a file, or why there is none, as the end of a sentence. */
export function readableFile(
  path: string,
  readFile: ReadFile,
): { text: string } | { problem: string; missing: boolean } {
  try {
    return { text: readFile(path) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    const reason = { ENOENT: 'there is no such file', EISDIR: 'it is a folder', EACCES: 'permission denied' }[
      code
    ];
    return { problem: `cannot read ${path}: ${reason ?? code}`, missing: code === 'ENOENT' };
  }
}
