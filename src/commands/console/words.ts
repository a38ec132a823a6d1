import { Trouble } from './trouble.ts';

export interface Word {
  /** Without its quotes. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
}

/**
 * The words of a line; `"two words"` and `'two words'` are one, and a quote may begin inside a word: `name="Wall 1"`.
 * What follows the first `limit` words is one more, as it was typed: JSON has quotes of its own.
 */
export function wordsOf(line: string, limit = Infinity): Word[] {
  const words: Word[] = [];
  const word = /(?:[^\s"']|"[^"]*"|'[^']*')+/y;
  for (let at = skipBlanks(line, 0); at < line.length; at = skipBlanks(line, word.lastIndex)) {
    if (words.length === limit) return [...words, { text: line.slice(at).trimEnd(), start: at }];
    word.lastIndex = at;
    const [raw] = word.exec(line) ?? [];
    if (raw === undefined || /["']/.test(line[word.lastIndex] ?? ''))
      throw new Trouble('a quote is opened and not closed');
    words.push({ text: raw.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'), start: at });
  }
  return words;
}

function skipBlanks(line: string, from: number): number {
  const next = /\S/g;
  next.lastIndex = from;
  return next.exec(line)?.index ?? line.length;
}
