import { isShallow } from './json.ts';
import { RELAYED_LIMIT } from './relayed.ts';

/** A message of a type that is passed on. */
export interface RelayMessage {
  readonly type: string;
  /** What others get; undefined for a message that nobody may get. */
  readonly text: string | undefined;
}

/** Line breaks of JSON stand between its parts only: a space says the same. */
const LINE_BREAKS = /[\n\r]/g;

/**
 * What others get: the sender's own text, in one line, since a number that was read and written again may be another. Undefined for a
 * message that is too long, nested too deep, or gives its type twice: two readers would take it for two messages.
 * @param text a JSON object. @param value what it says.
 */
export function relayText(text: string, value: object): string | undefined {
  if (text.length > RELAYED_LIMIT || !isShallow(value) || typesIn(text) !== 1) return undefined;
  return text.replace(LINE_BREAKS, ' ');
}

/** How many members of a JSON object have the name `type`, those of objects in it apart. */
function typesIn(text: string): number {
  let depth = 0;
  let types = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    else if (char === '"') {
      const end = endOfString(text, at);
      if (depth === 1 && isType(text.slice(at, end)) && isName(text, end)) types += 1;
      at = end - 1;
    }
  }
  return types;
}

/** Behind the quote that ends the string at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The longest way to write it is `"\u0074\u0079\u0070\u0065"`. */
function isType(string: string): boolean {
  return (
    string === '"type"' || (string.length <= 26 && string.includes('\\') && JSON.parse(string) === 'type')
  );
}

function isName(text: string, end: number): boolean {
  let at = end;
  while (' \t\n\r'.includes(text[at] ?? ':')) at += 1;
  return text[at] === ':';
}
