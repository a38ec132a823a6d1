/** The middle value. */
export function median(values) {
  return quantile(values, 0.5);
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/**
 * Runs the sides in turn, A B A B ..., so that whatever else the machine does hurts them alike, and returns all their
 * results by name.
 */
export async function interleaved(sides, rounds) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(sides)) results[name].push(await run(round));
  return results;
}

/** The median of `key` over results. */
export function middle(results, key) {
  return median(results.map((result) => result[key]));
}

/** `12345` -> `12,345`; small numbers keep two places. */
export function written(value, unit = '') {
  const text = value >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
  return unit === '' ? text : `${text} ${unit}`;
}
