import { ERROR_KINDS, type DomainError, type ErrorKind } from '../domain/errors.ts';

export const PROBLEM_TYPE = 'application/problem+json';

/** What the page `/problems/<code>` explains about a kind of error. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What it means and what to do. */
  readonly explanation: string;
}

/** The body of every error reply (RFC 9457). `base` is the base path, without a slash at its end. */
export function problemOf(error: DomainError, base: string) {
  const { title, status } = PROBLEM_KINDS[error.kind];
  const { errors, oldest, quota, regions, reason } = error.extras;
  return {
    type: problemUrl(error.kind, base),
    title,
    status,
    detail: error.message,
    ...(errors && { errors }),
    ...(oldest !== undefined && { oldest }),
    ...(quota && { quota }),
    ...(regions && { regions }),
    ...(reason && { reason }),
  };
}

export function problemUrl(code: ErrorKind, base: string): string {
  return `${base}/problems/${code}`;
}

export function isErrorKind(code: string): code is ErrorKind {
  return (ERROR_KINDS as readonly string[]).includes(code);
}

/** The one place that gives each kind of error its HTTP status. */
export const PROBLEM_KINDS: Readonly<Record<ErrorKind, ProblemKind>> = {
  'invalid-request': {
    status: 400,
    title: 'Invalid request',
    explanation:
      'Nothing was changed. `errors` names each wrong field: `field` is a JSON pointer into the body (`/3,-4/brick`), or the name of the parameter. Unknown fields are errors, so that a misspelled name is never ignored.',
  },
  unauthorized: {
    status: 401,
    title: 'Authentication required',
    explanation:
      'The request has no token, or one that the daemon does not know (any more). Send `Authorization: Bearer <token>`; a browser can also send the cookie of `POST /session`, which permits reading. `compositord token` makes a token. The daemon never reads a token from the URL.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    explanation:
      'Either the token (or the session) does not permit this: it lacks the scope that `WWW-Authenticate` names, or it is for other compositors. Or a web page tried to write, or to reach a compositor, and its origin is not listed in the setting `cors.origins`. Programs other than browsers send no `Origin`, so that rule does not apply to them.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    explanation:
      'Nothing has this URL, or no compositor (or no region) has this id. A compositor that gets this when it renews its lease must register again.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    explanation:
      'The URL exists, but does not support this method. The header `Allow` lists those it supports.',
  },
  'id-taken': {
    status: 409,
    title: 'Id already taken',
    explanation:
      'A live compositor holds the id. Choose another, or take the id over on purpose with `PUT /compositors/{id}`.',
  },
  'lease-lost': {
    status: 409,
    title: 'Lease lost',
    explanation:
      'The `Lease-Generation` in the request no longer holds the lease: the compositor was registered again since, perhaps by a second copy of the same program. Stop, or register again.',
  },
  'tile-taken': {
    status: 409,
    title: 'Tile owned by another compositor',
    explanation:
      'Nothing in the request was done. Taking over a tile requires a `timestamp` newer than that of the tile; `errors` names each tile and its owner.',
  },
  'region-taken': {
    status: 409,
    title: 'Region of another compositor',
    explanation:
      'Nothing in the request was done. Nobody writes tiles into an exclusive region of another compositor, and two regions of different compositors may touch only if neither is exclusive. `regions` names those in the way, and `errors` the cells. Wait until the region is released or its lease ends, or choose other cells.',
  },
  'quota-exceeded': {
    status: 409,
    title: 'Quota exceeded',
    explanation:
      'Nothing in the request was done. `quota` names the quota, its limit, what is used, and what the write would need. Remove tiles or compositors, or let the operator raise the quota (a setting, or the `quota` of the token). Writes that add nothing (renewals, removals, replacements of the same size) are never refused for it.',
  },
  'not-connected': {
    status: 409,
    title: 'Compositor not connected',
    explanation:
      'The daemon is not connected to this compositor, or may not connect to it, so it sent nothing. `detail` says why.',
  },
  'has-endpoint': {
    status: 409,
    title: 'The daemon connects to this compositor',
    explanation:
      'A compositor that names where it listens (`protocol`, `address`, `port`) gets its connection from the daemon, and cannot dial in as well. To dial in, take the endpoint away: `PATCH /compositors/{id}` with `{"protocol": null, "address": null, "port": null}`, or register without it.',
  },
  'cursor-gone': {
    status: 410,
    title: 'Cursor no longer in the history',
    explanation:
      'The cursor is older than the history that is kept, or belongs to another history (the store was emptied or restored). Read the whole manifest and continue from its cursor. `oldest` is the oldest cursor still known.',
  },
  'too-large': {
    status: 413,
    title: 'Request too large',
    explanation:
      'A body with tiles may have at most 1 MiB and 10,000 tiles, any other 288 KiB or less; URL and headers together at most 16 KiB. Send several requests.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Unsupported media type',
    explanation: 'Send `Content-Type: application/json`; with curl, use `--json` in place of `--data`.',
  },
  'unsatisfiable-range': {
    status: 416,
    title: 'Range beyond the end',
    explanation:
      'The range in the header `Range` has no byte of the file. `Content-Range` says how many bytes there are.',
  },
  misdirected: {
    status: 421,
    title: 'Host not served here',
    explanation:
      'A daemon that listens on loopback, or has the setting `hosts`, answers only to localhost, 127.0.0.1, [::1] and the names in that setting. Otherwise any web page could reach it through a name of its own (DNS rebinding).',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Try again after `Retry-After` seconds.',
  },
  'bad-answer': {
    status: 502,
    title: 'Invalid answer from the compositor',
    explanation:
      "The daemon could not understand the compositor's answer, or the connection failed before there was one. Whether the compositor did what was asked is not known.",
  },
  'store-unavailable': {
    status: 503,
    title: 'Store unavailable',
    explanation:
      'The store does not answer, and `reason` says why where it is known. Nothing was changed. Reads still work, with the last known manifest. Try again after `Retry-After` seconds.',
  },
  'store-full': {
    status: 503,
    title: 'Store full',
    explanation:
      'Nothing was changed: the memory of Redis (`reason`: `full`) or the disk of the store (`disk-full`) is full. Reads still work, and are up to date. The operator makes room; until then only what adds nothing may succeed. Try again after `Retry-After` seconds.',
  },
  'store-refuses-writes': {
    status: 503,
    title: 'Store takes no writes',
    explanation:
      'Nothing was changed: the store answers reads and takes no writes. `reason` says why, such as `read-only`, `not-saving` or `right-missing`. Reads still work, and are up to date. Only the operator can mend it (docs/operations.md). Try again after `Retry-After` seconds.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'Outcome unknown',
    explanation:
      'The write was sent to the store and no answer came. Send it again: if it was done already, it changes nothing.',
  },
  'not-yet': {
    status: 503,
    title: 'Cursor not reached yet',
    explanation:
      'This replica did not reach the cursor in `atLeast` within 2 seconds. Try again after `Retry-After` seconds.',
  },
  overloaded: {
    status: 503,
    title: 'Too much under way',
    explanation:
      'The bodies that are being received fill the memory there is for them (`limits.bodies`), and this one was on its way for longest or came last. Nothing was done. Try again after `Retry-After` seconds.',
  },
  'circuit-open': {
    status: 503,
    title: 'Compositor failed too often',
    explanation:
      'Nothing was sent: after repeated failures the daemon pauses before it tries this compositor again. Try again after `Retry-After` seconds.',
  },
  'timed-out': {
    status: 504,
    title: 'Compositor timed out',
    explanation:
      'The compositor did not answer in time. Whether it did what was asked is not known, unless `detail` says that nothing was sent.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    explanation: 'This is a bug. Please report it with the request id in `detail`; the log has the details.',
  },
};
