import type { DomainError, ErrorKind, FieldError } from '../domain/errors.ts';
import { PROBLEM_KINDS } from './problems.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** The body of every error reply (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  errors?: FieldError[];
  oldest?: string;
}

/** `base` is the path under which the daemon is shown, without a slash at its end. */
export function problemOf(error: DomainError, base: string): Problem {
  const kind = PROBLEM_KINDS[error.kind];
  return {
    type: problemUrl(error.kind, base),
    title: kind.title,
    status: kind.status,
    detail: error.message,
    ...(error.errors && { errors: error.errors }),
    ...(error.oldest !== undefined && { oldest: error.oldest }),
  };
}

export function problemUrl(code: ErrorKind, base: string): string {
  return `${base}/problems/${code}`;
}
