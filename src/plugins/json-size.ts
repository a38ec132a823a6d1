/** Levels of objects and arrays inside each other that a body may have; JSON.stringify overflows the stack at some thousands. */
export const MOST_LEVELS = 1024;
/** Values in one body, such as numbers in a list. */
export const MOST_VALUES = 100_000;

/** Values of which all errors are named, and characters of their texts. */
const SMALL_VALUES = 1000;
const SMALL_TEXT = 16 * 1024;

export interface JsonSize {
  /** The deepest level of objects and arrays. */
  readonly levels: number;
  /** Members of all objects together, */
  readonly fields: number;
  /** and of the outermost one. */
  readonly entries: number;
  /** Values of all kinds together, about. */
  readonly values: number;
}

/** Bytes of a string that are looked at one by one. */
const NEAR = 32;

const [QUOTE, COMMA, COLON, OPEN_LIST, BACKSLASH, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from(
  '",:[\\]{}',
) as unknown as readonly [number, number, number, number, number, number, number, number];

/**
 * How much a text of JSON holds, found without parsing it: 1 MiB takes about a millisecond, while to parse 119,000 fields in
 * 1 MiB takes a hundred times that. For text that is not JSON the numbers mean nothing.
 */
export function jsonSize(text: Uint8Array): JsonSize {
  let level = 0;
  let levels = 0;
  let fields = 0;
  let entries = 0;
  let values = 1;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i];
    if (byte === QUOTE) {
      i = endOfString(text, i + 1);
    } else if (byte === COMMA) {
      values += 1;
    } else if (byte === COLON) {
      fields += 1;
      if (level === 1) entries += 1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      values += 1;
      level += 1;
      if (level > levels) levels = level;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      level -= 1;
    }
  }
  return { levels, fields, entries, values };
}

/** The index of the quote that ends the string which begins at `start`; the length of the text when there is none. */
function endOfString(text: Uint8Array, start: number): number {
  for (let i = start; ; i++) {
    // Most strings are short. In a long one the search is quicker, and each search is paid for by the bytes before it.
    for (const near = i + NEAR; i < near; i++) {
      if (i >= text.length) return text.length;
      if (text[i] === QUOTE) return i;
      if (text[i] === BACKSLASH) i += 1;
    }
    const from = i;
    i = text.indexOf(QUOTE, from);
    if (i < 0) return text.length;
    let backslashes = 0;
    while (i - backslashes > from && text[i - backslashes - 1] === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return i;
  }
}

/** Whether a value is so small that naming every error in it costs next to nothing. */
export function isSmall(value: unknown): boolean {
  const left = { values: SMALL_VALUES, text: SMALL_TEXT };
  take(value, left);
  return left.values >= 0 && left.text >= 0;
}

/** Subtracts what `value` holds, and stops once nothing is left. */
function take(value: unknown, left: { values: number; text: number }): void {
  left.values -= 1;
  if (typeof value === 'string') left.text -= value.length;
  if (typeof value !== 'object' || value === null) return;
  // Not Object.entries: it would list all of a large object first.
  for (const key in value) {
    if (left.values < 0 || left.text < 0) return;
    left.text -= key.length;
    take((value as Record<string, unknown>)[key], left);
  }
}
