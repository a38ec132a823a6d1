/** What `typeof` says of each option that there is. */
export type OptionTypes<Options> = Readonly<Record<keyof Options, string>>;

/** Throws a TypeError that names the first option which does not exist or has a wrong type. Null and undefined are no option. */
export function checkOptions<Options>(caller: string, options: unknown, types: OptionTypes<Options>): void {
  if (typeof options !== 'object' || options === null)
    throw new TypeError(`${caller} takes an object of options, such as { url: 'http://127.0.0.1:8760' }`);
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(types, name)) throw noSuch(`${caller} has no option`, name, Object.keys(types));
    if (value === undefined || value === null) continue;
    const wanted = types[name as keyof Options];
    const isNumber = typeof value === 'number';
    const fits = wanted.split(' or ').includes(typeof value) && (!isNumber || value >= 0);
    if (!fits) throw new TypeError(`${caller}: the option "${name}" is a ${wanted}, not ${text(value)}`);
  }
}

/** The value of an option that has to be there. */
export function required(caller: string, name: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${caller} needs the option "${name}"`);
  return value;
}

/** The error for a name that is not among `known`: it names the nearest of them, or all where none is near. */
export function noSuch(what: string, name: string, known: readonly string[]): TypeError {
  const [nearest] = known
    .map((each) => ({ each, apart: distance(name.toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart);
  const isNear = nearest && nearest.apart <= Math.max(2, name.length / 2);
  const hint = isNear ? `did you mean "${nearest.each}"?` : `there are ${known.join(', ')}`;
  return new TypeError(`${what} "${name}"; ${hint}`);
}

/** How many characters have to be added, removed or replaced (Levenshtein). Its own few lines: the client imports nothing. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}

function text(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeof value === 'string' ? `"${value}"` : typeof value;
}
