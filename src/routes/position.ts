import { Type } from '@sinclair/typebox';
import { DomainError } from '../domain/errors.ts';
import type { Cursor } from '../domain/cursor.ts';
import type { ManifestAt } from '../domain/manifest-at.ts';
import { isAllowed } from '../domain/token.ts';
import type { ManifestQueries } from '../services/manifest/manifest-queries.ts';
import type { Tokens } from '../services/access/tokens.ts';
import { cursor } from './schemas/fields.ts';

/** The query of routes that read the manifest at one cursor. */
export const positionQuery = {
  at: Type.Optional(cursor({ description: 'As it was at this cursor; immutable.' })),
  atLeast: Type.Optional(
    cursor({ description: 'Not older than this cursor; waits up to 2 s for it to arrive.' }),
  ),
};

/** Errors of {@link positionOf}. */
export const POSITION_ERRORS = ['cursor-gone', 'store-unavailable', 'not-yet'] as const;

/** The manifest that a request wants to read. */
export interface Position {
  readonly manifest: ManifestAt;
  readonly isPresent: boolean;
  /** The value of `Cache-Control`. */
  readonly caching: string;
}

/** The `Cache-Control` of what is true for ever. A reply that needs a token must not be in a shared cache. */
export function immutable(tokens: Tokens): string {
  const shared = isAllowed(tokens.anonymous, { scope: 'read' }) ? 'public' : 'private';
  return `${shared}, max-age=31536000, immutable`;
}

/** Throws `invalid-request` when several of these parameters are given. */
export function onlyOne(parameters: Readonly<Record<string, unknown>>): void {
  const given = Object.keys(parameters).filter((name) => parameters[name] !== undefined);
  if (given.length < 2) return;
  throw new DomainError('invalid-request', `only one of ${given.join(', ')} may be given`, {
    errors: given.map((field) => ({ in: 'query', field, detail: 'is one too many' })),
  });
}

/** The present manifest. Throws what {@link ManifestQueries.now} throws. */
export function presentPosition(queries: ManifestQueries): Position {
  return { manifest: queries.now(), isPresent: true, caching: 'no-cache' };
}

/** The manifest at `at`, or not before `atLeast`, or the present one. Throws {@link POSITION_ERRORS}. */
export async function positionOf(
  { at, atLeast }: { at?: Cursor; atLeast?: Cursor },
  { queries, tokens }: { queries: ManifestQueries; tokens: Tokens },
): Promise<Position> {
  if (at !== undefined)
    return { manifest: await queries.at(at), isPresent: false, caching: immutable(tokens) };
  if (atLeast === undefined) return presentPosition(queries);
  return { manifest: await queries.atLeast(atLeast), isPresent: true, caching: 'no-cache' };
}
