import { isObject } from '../../domain/json.ts';
import { columns } from '../layout.ts';
import { printable } from '../printable.ts';

/** All values of a reply, one a line: `lease.expiresAt  2026-...`. Fields of a newer daemon are shown, too. */
export function fields(value: Readonly<Record<string, unknown>>): string {
  return columns([...flatten(value)]);
}

function* flatten(value: Readonly<Record<string, unknown>>, path = ''): Generator<[string, string]> {
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'string') yield [path + key, inner];
    else if (isObject(inner)) yield* flatten(inner, `${path}${key}.`);
    else yield [path + key, JSON.stringify(inner)];
  }
}

/** Any JSON value, indented unless it is short. */
export function json(value: unknown): string {
  const short = JSON.stringify(value ?? null);
  const text = short.length <= 100 ? short : JSON.stringify(value, null, 2);
  return text.split('\n').map(printable).join('\n');
}
