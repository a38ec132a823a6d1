import { CommandError } from '../command.ts';

/**
 * The words of a line. `"two words"` and `'two words'` are one, and a quote may begin inside a word: `name="Wall 1"`.
 * After `limit` words the rest of the line is one more word, unchanged: JSON has quotes of its own.
 */
export function wordsOf(line: string, limit = Infinity): string[] {
  const words: string[] = [];
  const word = /(?:[^\s"']|"[^"]*"|'[^']*')+/y;
  for (let at = skipBlanks(line, 0); at < line.length; at = skipBlanks(line, word.lastIndex)) {
    if (words.length === limit) return [...words, line.slice(at).trimEnd()];
    word.lastIndex = at;
    const [raw] = word.exec(line) ?? [];
    if (raw === undefined || /["']/.test(line[word.lastIndex] ?? ''))
      throw new CommandError('a quote is opened and not closed');
    words.push(raw.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  }
  return words;
}

function skipBlanks(line: string, from: number): number {
  const next = /\S/g;
  next.lastIndex = from;
  return next.exec(line)?.index ?? line.length;
}

/** The completions of the last word of `typed`, and that word: a verb at first, then an id if the verb takes one. */
export async function completionsOf(
  typed: string,
  known: {
    readonly verbs: readonly { name: string; alias?: string; usage: string }[];
    /** Every first word of a line. */
    readonly names: readonly string[];
    readonly ids: () => Promise<readonly string[]>;
  },
): Promise<[string[], string]> {
  const [, before = '', last = ''] = /^(.*\s)?(\S*)$/s.exec(typed.trimStart()) ?? [];
  const [name, ...more] = before.split(/\s+/).filter((word) => word !== '');
  const verb = known.verbs.find((one) => one.name === name || one.alias === name);
  if (name !== undefined && (more.length > 0 || !/^(?:<id>|\[id\])/.test(verb?.usage ?? '')))
    return [[], last];
  const all = name === undefined ? known.names : await known.ids();
  const matches = all.filter((one) => one.startsWith(last));
  // After the only match a blank follows, so that the next word can be typed at once.
  return [matches.length === 1 ? [`${matches[0]} `] : matches, last];
}
