import type { Verb } from './verb.ts';

/** What the last word of `typed` may become, and that word: the name of a verb, then the id of a compositor where one goes. */
export async function completionsOf(
  typed: string,
  known: {
    readonly verbs: readonly Verb[];
    /** Everything that a line may begin with. */
    readonly names: readonly string[];
    readonly ids: () => Promise<readonly string[]>;
  },
): Promise<[string[], string]> {
  const [, before = '', last = ''] = /^(.*\s)?(\S*)$/s.exec(typed.trimStart()) ?? [];
  const [name, ...more] = before.split(/\s+/).filter((word) => word !== '');
  const verb = known.verbs.find((one) => one.name === name || one.alias === name);
  if (name !== undefined && (more.length > 0 || !verb?.takesId)) return [[], last];
  const all = name === undefined ? known.names : await known.ids();
  const fits = all.filter((one) => one.startsWith(last));
  // The blank behind the only one: the next word can be typed at once.
  return [fits.length === 1 ? [`${fits[0]} `] : fits, last];
}
