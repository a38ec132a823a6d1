/*
 * Text of others that people read: names, bricks, purposes, labels. One rule for what is accepted of it, on every way in, and one way
 * to show what came in before the rule or is nobody's to refuse. Imports nothing: the map page has it, too.
 */

/**
 * What acts on the text around it, as the inside of a class that every reader of patterns understands: controls, line separators, and the
 * characters that embed, override or isolate a direction of writing or change how others look (U+202A-202E, U+2066-206F). The marks
 * U+200E, U+200F and U+061C belong to Hebrew and Arabic texts, and act on their neighbours alone.
 */
export const HARMFUL = String.raw`\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u206F`;

/** What shows nothing. Joiners and variation selectors are of it, too: they are part of many scripts and of emoji, but no text alone. */
const BLANK = String.raw`\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB`;

/** Also no half of a surrogate pair. */
const PRINTABLE = new RegExp(`^(?![${BLANK}]+$)[^\\p{Cs}${HARMFUL}]*$`, 'u');
const HARM = new RegExp(`[\\p{Cs}${HARMFUL}]`, 'u');
const ONLY_BLANK = new RegExp(`^[${BLANK}]+$`, 'u');

/** Whether `text` is empty or printable, however long. */
export function isEmptyOrPrintable(text: string): boolean {
  return PRINTABLE.test(text);
}

/** Whether `text` is 1 to `maxLength` characters, none of which harms, and at least one of which can be seen. */
export function isPrintable(text: unknown, maxLength: number): text is string {
  return (
    typeof text === 'string' &&
    text !== '' &&
    text.length <= 2 * maxLength &&
    PRINTABLE.test(text) &&
    (text.length <= maxLength || Array.from(text).length <= maxLength)
  );
}

/** What {@link isPrintable} expects, for messages. */
export function printableExpects(minLength: number, maxLength: number): string {
  return `${minLength} to ${maxLength} printable characters, not only blank ones`;
}

/** Which rule a text breaks that is not printable, in words that follow the name of the field; undefined: none of them. */
export function printableFault(text: string, maxLength: number): string | undefined {
  const harm = HARM.exec(text)?.[0].codePointAt(0);
  if (harm !== undefined) return `holds U+${harm.toString(16).toUpperCase().padStart(4, '0')}`;
  const length = Array.from(text).length;
  if (length > maxLength) return `is ${length} characters, at most ${maxLength}`;
  return text === '' ? 'is empty' : ONLY_BLANK.test(text) ? 'is blank' : undefined;
}

/** Controls, formats, separators that break lines, halves of a pair, and characters that show nothing. */
const UNSEEN = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034F\u115F\u1160\u17B4\u17B5\u2800\u3164\uFFA0]`;

/** Scripts in which a joiner or a non-joiner changes how its neighbours are written. */
const JOINING = 'Arab Syrc Mong Nkoo Adlm Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr'.split(
  ' ',
);
const JOINABLE = `(?!${UNSEEN})[${JOINING.map((script) => String.raw`\p{Script_Extensions=${script}}`).join('')}]`;
const EMOJI = String.raw`\p{Extended_Pictographic}`;

/** What belongs to something that is seen: joiners in words of such scripts and in emoji, and what makes a flag of a region. */
const PARTS = [
  String.raw`(?<=${JOINABLE})[\u200C\u200D](?=${JOINABLE})`,
  String.raw`(?<=${EMOJI}[\uFE0F\u{1F3FB}-\u{1F3FF}]?)\u200D(?=${EMOJI})`,
  String.raw`\u{1F3F4}[\u{E0030}-\u{E0039}\u{E0061}-\u{E007A}]{3,6}\u{E007F}`,
];

const PARTS_OR_UNSEEN = new RegExp(`(${PARTS.join('|')})|${UNSEEN}`, 'gu');

/**
 * Makes text of unknown origin safe to show: characters that could move a cursor, change colours or titles, or reverse the direction of
 * writing become escapes, and so do those that are not seen where they are. Blanks do where there is nothing else.
 */
export function printable(text: string): string {
  if (ONLY_BLANK.test(text)) return Array.from(text, escapeOf).join('');
  return text.replace(PARTS_OR_UNSEEN, (char, part: string | undefined) => part ?? escapeOf(char));
}

function escapeOf(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** What JSON leaves as it is, though it harms: all of it stands in texts, where an escape means the same. */
export const HARMFUL_IN_JSON = /[\x7F-\x9F\u2028-\u202E\u2066-\u206F]/g;

/** The same JSON, safe to show as it is. */
export function harmlessJson(json: string): string {
  return json.replace(HARMFUL_IN_JSON, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
