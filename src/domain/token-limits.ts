import { isCompositorId } from './compositor.ts';
import { DomainError, type FieldError } from './errors.ts';
import { cellOf } from './tile.ts';
import { coversCompositor, hasScope, isBound, type Principal, type Quota } from './token.ts';
import { formatRect, rectHas } from './view.ts';

/** Tiles named in one error. */
const MAX_ERRORS = 20;

/** Throws `forbidden` when one of these tiles lies outside the rectangle that the writer's token is limited to. */
export function requireInView(principal: Principal | undefined, keys: Iterable<string>): void {
  const view = principal?.view;
  if (!view) return;
  const errors: FieldError[] = [];
  for (const key of keys) {
    if (isInView(principal, key)) continue;
    errors.push(outsideView(key));
    if (errors.length === MAX_ERRORS) break;
  }
  if (errors.length > 0)
    throw new DomainError('forbidden', `this token is for the tiles within ${formatRect(view)}`, { errors });
}

/** Whether the tile lies in the rectangle that the writer is limited to. */
export function isInView(principal: Principal | undefined, key: string): boolean {
  return !principal?.view || rectHas(principal.view, cellOf(key));
}

/** What is wrong with a tile outside of it. */
export function outsideView(key: string): FieldError {
  return { in: 'body', field: `/${key}`, detail: 'is outside the rectangle of this token' };
}

/** Whether the writer may take over tiles of `owner`: a limited token only those of its own compositors, or with `takeover`. */
export function mayTakeOver(principal: Principal | undefined, owner: string): boolean {
  return (
    !principal || !isBound(principal) || hasScope(principal, 'takeover') || coversCompositor(principal, owner)
  );
}

/** Whether `text` is a compositor id, or a beginning of ids with `*` behind. */
export function isIdPattern(text: unknown): text is string {
  return typeof text === 'string' && (text === '*' || isCompositorId(text.replace(/\*$/, '')));
}

const QUOTA_FIELDS = ['compositors', 'tiles', 'regions', 'bytes'];

export function isQuota(value: unknown): value is Quota {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(
      ([key, number]) => QUOTA_FIELDS.includes(key) && Number.isSafeInteger(number) && number >= 0,
    )
  );
}
