/** Every way in which a request can fail. The list is closed; `plugins/errors.ts` gives each its status. */
export const ERROR_KINDS = [
  'invalid-request',
  'unauthorized',
  'forbidden',
  'not-found',
  'method-not-allowed',
  'id-taken',
  'lease-lost',
  'tile-taken',
  'quota-exceeded',
  'not-connected',
  'cursor-gone',
  'too-large',
  'unsupported-media-type',
  'misdirected',
  'rate-limited',
  'bad-answer',
  'store-unavailable',
  'outcome-unknown',
  'not-yet',
  'overloaded',
  'circuit-open',
  'timed-out',
  'internal',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** Where a request is wrong: `field` is a JSON pointer inside a body, else the name of the parameter. */
export interface FieldError {
  in: 'body' | 'query' | 'path' | 'header';
  field: string;
  detail: string;
}

/** A quota that a write would exceed. */
export interface QuotaExcess {
  /** The setting, such as `quota.tiles`; `token.tiles` for a quota of the token. */
  readonly quota: string;
  readonly limit: number;
  /** Before the write. */
  readonly used: number;
  /** After the write, were it done. */
  readonly needed: number;
}

export interface ErrorExtras {
  /** What is wrong with the request, one line a field. */
  errors?: FieldError[];
  /** `cursor-gone`: the oldest cursor that still can be asked for. */
  oldest?: string;
  /** `quota-exceeded`: which quota, and by how much. */
  quota?: QuotaExcess;
  /** Seconds after which another try makes sense. */
  retryAfter?: number;
  cause?: unknown;
}

/** An error whose message the client reads; anything else thrown is a bug, and its details stay inside. */
export class DomainError extends Error {
  override name = 'DomainError';
  readonly kind: ErrorKind;
  readonly extras: Omit<ErrorExtras, 'cause'>;

  constructor(kind: ErrorKind, message: string, { cause, ...extras }: ErrorExtras = {}) {
    super(message, { cause });
    this.kind = kind;
    this.extras = extras;
  }
}

/** What went wrong, in the words of whoever threw it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function invalid(where: FieldError['in'], field: string, detail: string): DomainError {
  return new DomainError('invalid-request', `${field}: ${detail}`, {
    errors: [{ in: where, field, detail }],
  });
}

/** The error when the store is away and nothing of the request was done. */
export function storeUnavailable(cause?: unknown): DomainError {
  const text = 'the store does not answer; nothing was changed';
  return new DomainError('store-unavailable', text, { retryAfter: 1, cause });
}
