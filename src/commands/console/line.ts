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

/** What a line may be completed with. */
interface Known {
  readonly verbs: readonly { name: string; alias?: string; usage: string }[];
  /** Every first word of a line. */
  readonly names: readonly string[];
  readonly ids: () => Promise<readonly string[]>;
  /** The commands of a compositor; without an id, of those that a line without an id is for. */
  readonly commands: (id?: string) => Promise<readonly string[]>;
}

/** The completions of the last word of `typed`, and that word: a verb at first, then what its usage says. */
export async function completionsOf(typed: string, known: Known): Promise<[string[], string]> {
  const [, before = '', last = ''] = /^(.*\s)?(\S*)$/s.exec(typed.trimStart()) ?? [];
  const words = before.split(/\s+/).filter((word) => word !== '');
  const all = await candidatesFor(words, known);
  // Words ignore case.
  const matches = all.filter((one) => one.toLowerCase().startsWith(last.toLowerCase()));
  // After the only match a blank follows, so that the next word can be typed at once.
  return [matches.length === 1 ? [`${matches[0]} `] : matches, last];
}

/** What may follow the words of a line. */
async function candidatesFor(words: readonly string[], known: Known): Promise<readonly string[]> {
  const [name, ...more] = words;
  if (name === undefined) return known.names;
  const word = name.toLowerCase();
  const verb = known.verbs.find((one) => one.name === word || one.alias === word);
  const places = verb?.usage.split(' ') ?? [];
  switch (places[more.length]) {
    case '<id>':
    case '[id]':
      return known.ids();
    case '[id|all]':
      return ['all', ...(await known.ids())];
    case '<command>':
      return known.commands(places[0] === '<id>' ? more[0] : undefined);
    default:
      return [];
  }
}
