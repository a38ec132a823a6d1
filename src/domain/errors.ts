import { refusesOnlyWrites, STORE_REASONS, StoreError, type StoreReason } from './store-error.ts';

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
  'region-taken',
  'quota-exceeded',
  'not-connected',
  'has-endpoint',
  'cursor-gone',
  'too-large',
  'unsupported-media-type',
  'unsatisfiable-range',
  'misdirected',
  'rate-limited',
  'bad-answer',
  'store-unavailable',
  'store-full',
  'store-refuses-writes',
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

/** A region that keeps somebody out. */
export interface RegionInWay {
  readonly id: string;
  /** `x1,y1,x2,y2`. */
  readonly rect: string;
  readonly compositor: string;
  readonly purpose: string;
  readonly exclusive: boolean;
}

export interface ErrorExtras {
  /** What is wrong with the request, one line a field. */
  errors?: FieldError[];
  /** `cursor-gone`: the oldest cursor that still can be asked for. */
  oldest?: string;
  /** `quota-exceeded`: which quota, and by how much. */
  quota?: QuotaExcess;
  /** `region-taken`: which regions, at most 20. */
  regions?: readonly RegionInWay[];
  /** Of errors of the store: why. */
  reason?: StoreReason;
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

/** Those that say that the store is to blame: the same request can succeed later. */
export const STORE_ERROR_KINDS = [
  'store-unavailable',
  'store-full',
  'store-refuses-writes',
  'outcome-unknown',
] as const satisfies readonly ErrorKind[];

/** Whether the store, and neither we nor the request, is to blame for `error`. */
export function isStoreProblem(error: unknown): error is DomainError {
  return error instanceof DomainError && (STORE_ERROR_KINDS as readonly ErrorKind[]).includes(error.kind);
}

/** The error when the store does not answer; `cause` says why. */
export function storeUnavailable(cause?: unknown): DomainError {
  return storeProblem('store-unavailable', cause);
}

/** The error of a write of which nothing was done: the store is away, or takes no writes. `cause` says why. */
export function writeRefused(cause?: unknown): DomainError {
  return storeProblem(cause instanceof StoreError ? kindOf(cause.reason) : 'store-unavailable', cause);
}

function storeProblem(kind: ErrorKind, cause: unknown): DomainError {
  const reason = cause instanceof StoreError ? cause.reason : undefined;
  const why = reason === undefined ? 'the store does not answer' : STORE_REASONS[reason];
  return new DomainError(kind, `${why}; nothing was changed`, {
    ...(reason && { reason }),
    retryAfter: 1,
    cause,
  });
}

function kindOf(reason: StoreReason): ErrorKind {
  if (reason === 'full' || reason === 'disk-full') return 'store-full';
  return refusesOnlyWrites(reason) ? 'store-refuses-writes' : 'store-unavailable';
}
