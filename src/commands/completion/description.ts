const LONGEST = 70;

/** The first sentence of a help text, short enough for a line beside a flag. */
export function description(text: string): string {
  const [sentence = ''] = text.replace(/\s+/g, ' ').split(/[.;:] |\.$/, 1);
  if (sentence.length <= LONGEST) return sentence;
  return `${sentence.slice(0, LONGEST).replace(/\s+\S*$/, '')} ...`;
}
