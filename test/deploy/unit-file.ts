/** The lines of a unit, by name in the order of the file. */
export class UnitFile {
  readonly #lines: readonly (readonly [string, string])[];

  constructor(text: string) {
    this.#lines = text
      .split('\n')
      .map((line) => /^([A-Za-z]+)=(.*)$/.exec(line))
      .flatMap((match) => (match ? [[match[1]!, match[2]!] as const] : []));
  }

  all(name: string): string[] {
    return this.#lines.filter(([key]) => key === name).map(([, value]) => value);
  }

  /** The only line of that name. */
  one(name: string): string {
    const [value, ...more] = this.all(name);
    if (value === undefined || more.length > 0) throw new Error(`not exactly one ${name}=`);
    return value;
  }
}
