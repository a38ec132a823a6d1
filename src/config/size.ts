const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

/** The bytes in `1048576`, `64 KiB`, `1.5MiB` or `1 MB`; undefined when it is no whole number of them. */
export function parseSize(written: unknown): number | undefined {
  const match = /^([0-9]{1,15}(?:\.[0-9]{1,3})?) ?([A-Za-z]*)$/.exec(String(written));
  const unit = match && UNITS[match[2]!.toLowerCase()];
  if (!unit) return undefined;
  const bytes = Number(match[1]) * unit;
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** {@link parseSize} the other way: the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const unit = (['GiB', 'MiB', 'KiB'] as const).find((name) => bytes % UNITS[name.toLowerCase()]! === 0);
  return unit && bytes > 0 ? `${bytes / UNITS[unit.toLowerCase()]!} ${unit}` : `${bytes} B`;
}
