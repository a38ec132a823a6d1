import { printable } from '../printable.ts';
import type { Entry } from './daemon.ts';

/** Columns as wide as what is in them; the last one ends where it ends. Texts of any origin. */
export function columns(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(printable));
  const widths = safe[0]?.map((_, column) => Math.max(...safe.map((row) => row[column]?.length ?? 0))) ?? [];
  return safe
    .map((row) =>
      row
        .map((text, column) => text.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Everything in a reply, a line a value: `lease.expiresAt  2026-...`. Fields of a newer daemon show, too. */
export function fields(value: Readonly<Record<string, unknown>>): string {
  return columns([...flat(value)]);
}

function* flat(value: Readonly<Record<string, unknown>>, path = ''): Generator<[string, string]> {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') yield [path + key, inner];
    else if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      yield* flat(inner as Readonly<Record<string, unknown>>, `${path}${key}.`);
    else yield [path + key, JSON.stringify(inner)];
  }
}

/** Any JSON value, over several lines when it is no short one. */
export function json(value: unknown): string {
  const short = JSON.stringify(value ?? null);
  const text = short.length <= 100 ? short : JSON.stringify(value, null, 2);
  return text.split('\n').map(printable).join('\n');
}

/** `http://127.0.0.1:5000`, or a multiaddr; empty for a compositor that only publishes. */
export function placeOf({ protocol, address, port }: Entry): string {
  if (address === undefined) return '';
  if (address.startsWith('/')) return address;
  const host = address.includes(':') ? `[${address}]` : address;
  return `${protocol ?? 'http'}://${host}${port === undefined ? '' : `:${port}`}`;
}
