import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import type { Problem } from './raw-config.ts';

/** A value and its position. A map stays a list of pairs: in an object a key such as `__proto__` would be special. */
export type Located = { readonly where: string } & (
  | { readonly kind: 'scalar'; readonly value: unknown }
  | { readonly kind: 'list'; readonly items: readonly Located[] }
  | { readonly kind: 'map'; readonly pairs: readonly LocatedPair[] }
);

export interface LocatedPair {
  readonly key: string;
  readonly where: string;
  readonly value: Located;
}

/** Deeper than any configuration; without it thousands of brackets would overflow the call stack. */
const MAX_DEPTH = 16;
const MAX_LENGTH = 1_048_576;

/** Parses YAML or JSON. Undefined when the text is empty, or cannot be parsed and `problems` has one more. */
export function readYaml(text: string, file: string, problems: Problem[]): Located | undefined {
  if (text.length > MAX_LENGTH) {
    problems.push({ where: file, message: 'is larger than 1 MiB' });
    return undefined;
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const mistakes = [...document.errors, ...document.warnings];
  for (const { pos, message } of mistakes)
    problems.push({ where: at(pos[0]), message: message.trim().replace(/\s+/g, ' ') });
  // After a syntax error the rest is guesswork, whose errors would hide the real one.
  if (mistakes.length > 0 || document.contents === null) return undefined;
  return locate(document.contents, { at, problems, depth: 0 });
}

interface Walk {
  readonly at: (offset: number) => string;
  readonly problems: Problem[];
  readonly depth: number;
}

function locate(node: unknown, walk: Walk, missingAt = ''): Located {
  const where = node ? walk.at((node as Node).range?.[0] ?? 0) : missingAt;
  const below = { ...walk, depth: walk.depth + 1 };
  const reject = (message: string): Located => {
    walk.problems.push({ where, message });
    return { kind: 'scalar', value: null, where };
  };
  if (walk.depth > MAX_DEPTH) return reject(`is nested more than ${MAX_DEPTH} levels deep`);
  if (isScalar(node)) return { kind: 'scalar', value: node.value, where };
  if (isSeq(node))
    return { kind: 'list', items: node.items.map((item) => locate(item, below, where)), where };
  // Ten aliases of ten aliases of ten … expand to gigabytes, and a configuration needs no alias.
  if (isAlias(node)) return reject(`the alias *${node.source} is not allowed: write the value out`);
  if (!isMap(node)) return { kind: 'scalar', value: null, where };

  const pairs: LocatedPair[] = [];
  const seen = new Map<string, string>();
  for (const pair of node.items) {
    const key = keyOf(pair.key);
    const keyAt = walk.at((pair.key as Node | null)?.range?.[0] ?? 0);
    const complain = (message: string) => walk.problems.push({ where: keyAt, message });
    if (key === undefined) complain('a key must be a plain text');
    else if (seen.has(key)) complain(`${quote(key)} is there twice, first at ${seen.get(key)!}`);
    else {
      seen.set(key, keyAt);
      pairs.push({ key, where: keyAt, value: locate(pair.value, below, keyAt) });
    }
  }
  return { kind: 'map', pairs, where };
}

/** A number or boolean is the key as it is written: `1:` is the key `1`. */
function keyOf(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === 'string' ? key.value : key.source;
}

/** The value without positions. */
export function toPlain(located: Located): unknown {
  if (located.kind === 'scalar') return located.value;
  if (located.kind === 'list') return located.items.map(toPlain);
  // fromEntries defines properties: `__proto__` becomes an ordinary one.
  return Object.fromEntries(located.pairs.map(({ key, value }) => [key, toPlain(value)]));
}

/** A value from outside, quoted and shortened for a message. */
export function quote(value: unknown): string {
  // JSON has no infinity.
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
