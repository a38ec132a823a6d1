/** The longest value, in characters. */
const LONGEST = 300;

/** What a compositor says of itself, a row for each field. */
export function infoRows(info: unknown): ReadonlyMap<string, string> {
  if (typeof info !== 'object' || info === null) return new Map();
  return new Map(Object.entries(info).map(([name, value]) => [name, valueText(value)]));
}

/** `key=value` of each label; undefined without any. */
export function labelsText(labels: unknown): string | undefined {
  if (typeof labels !== 'object' || labels === null) return undefined;
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.length > 0 ? pairs.join(', ') : undefined;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
