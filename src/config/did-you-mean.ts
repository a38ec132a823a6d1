import { distance } from 'fastest-levenshtein';

/** ` Did you mean <the nearest of names>?`, or an empty text when no name is near enough to be a typing error, and none begins with it. */
export function didYouMean(text: string, names: Iterable<string>): string {
  const all = [...names];
  // With more than a third of its letters wrong it is another word. Two: swapped letters count twice.
  const limit = Math.max(2, Math.floor(text.length / 3));
  const near = all
    // The lengths first: a hostile key may be a megabyte long.
    .filter((name) => Math.abs(name.length - text.length) <= limit)
    .map((name) => ({ name, edits: distance(text.toLowerCase(), name.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits);
  const [best] = near;
  if (best) return ` Did you mean ${best.name}?`;
  // A word that was broken off, such as `--log`.
  const longer = text.length > 3 ? all.find((name) => name.startsWith(text)) : undefined;
  return longer === undefined ? '' : ` Did you mean ${longer}?`;
}
