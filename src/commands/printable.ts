/**
 * Makes text of unknown origin safe for a terminal: characters that could move the cursor, change colours or titles, or
 * reverse the direction of writing become escapes.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.codePointAt(0)!;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** Controls (C0, DEL, C1), formats (bidi overrides, zero width), separators that break lines, lone surrogates. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
