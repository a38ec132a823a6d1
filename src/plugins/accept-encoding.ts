/** A weight of `Accept-Encoding`: `q=` and a number from 0 to 1 (RFC 9110, 12.4.2). */
const WEIGHT = /^\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*$/;

/**
 * The coding that a client likes best of those that are offered; of those that it likes equally, the first. Undefined: the body
 * is sent as it is. A client that sends no header gets that, and so does one that has no offer on its list, or weighs
 * `identity` higher. A weight that is none counts as 0.
 */
export function chooseCoding<T extends string>(
  header: string | string[] | undefined,
  offers: readonly T[],
): T | undefined {
  if (header === undefined || header.length === 0) return undefined;
  const weights = weightsOf(String(header));
  let best: T | undefined;
  let weight = 0;
  for (const offer of offers) {
    const its = weights.get(offer) ?? weights.get('*') ?? 0;
    if (its > weight) [best, weight] = [offer, its];
  }
  return (weights.get('identity') ?? 0) > weight ? undefined : best;
}

function weightsOf(header: string): Map<string, number> {
  const weights = new Map<string, number>();
  for (const each of header.toLowerCase().split(',')) {
    const [name = '', weight] = each.split(';');
    weights.set(name.trim(), weight === undefined ? 1 : Number(WEIGHT.exec(weight)?.[1] ?? 0));
  }
  return weights;
}
