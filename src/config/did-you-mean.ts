import { distance } from 'fastest-levenshtein';

/** ` Did you mean <the nearest of names>?`, or an empty text when no name is near enough to be a typing error. */
export function didYouMean(text: string, names: Iterable<string>): string {
  // With more than a third of its letters wrong it is another word. Two: swapped letters count twice.
  const limit = Math.max(2, Math.floor(text.length / 3));
  const near = [...names]
    // The lengths first: a hostile key may be a megabyte long.
    .filter((name) => Math.abs(name.length - text.length) <= limit)
    .map((name) => ({ name, edits: distance(text.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits);
  return near[0] ? ` Did you mean ${near[0].name}?` : '';
}
