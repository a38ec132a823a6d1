/** ` Did you mean <the nearest of names>?`, or nothing when none is near enough to be a slip of the keyboard. */
export function didYouMean(text: string, names: Iterable<string>): string {
  let best: string | undefined;
  // A third of the letters wrong is another word, not a slip.
  let least = Math.max(1, Math.floor(text.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(text.toLowerCase(), name.toLowerCase(), least);
    if (distance < least) [best, least] = [name, distance];
  }
  return best === undefined ? '' : ` Did you mean ${best}?`;
}

/** Letters to add, drop, change or swap (neighbours) to turn `a` into `b`; at most `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  // The lengths first: a hostile key may be a megabyte long.
  if (Math.abs(a.length - b.length) >= limit) return limit;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next[j] = Math.min(
        row[j]! + 1,
        next[j - 1]! + 1,
        row[j - 1]! + (same ? 0 : 1),
        swapped ? before[j - 2]! + 1 : Infinity,
      );
    }
    before = row;
    row = next;
  }
  return Math.min(row[b.length]!, limit);
}
