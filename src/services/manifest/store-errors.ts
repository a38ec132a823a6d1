import { DomainError } from '../../domain/errors.ts';
import { StoreUnanswered, StoreUnreachable } from '../../domain/store.ts';

/** Whether `error` says that the store is away, and not that something is wrong with us. */
export function isStoreError(error: unknown): boolean {
  return error instanceof StoreUnreachable || error instanceof StoreUnanswered;
}

/** The error when the store is away and nothing of the request was done. */
export function storeUnavailable(cause?: unknown): DomainError {
  const text = 'the store does not answer; nothing was changed';
  return new DomainError('store-unavailable', text, { retryAfter: 1, cause });
}
