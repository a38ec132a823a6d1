/** Why a path is hardly meant as it is: it still has the `~` that a shell makes a home folder of. Undefined when it has none. */
export function tildeProblem(path: string): string | undefined {
  if (!/^~[\w.-]*(?:[/\\]|$)/.test(path) || (path !== '~' && !/[/\\]/.test(path))) return undefined;
  return 'only a shell expands ~, at the beginning of a word: write the whole path, such as $HOME/..., or ./~ for a folder of that name';
}
