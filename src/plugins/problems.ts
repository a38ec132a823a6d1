import { ERROR_KINDS, type ErrorKind } from '../domain/errors.ts';

/** What `/problems/<code>` tells about one kind of error. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  /** What it means and what to do. */
  readonly explanation: string;
}

/** The one place where a kind of error gets its HTTP status. */
export const PROBLEM_KINDS: Readonly<Record<ErrorKind, ProblemKind>> = {
  'invalid-request': {
    status: 400,
    title: 'The request is not valid',
    explanation:
      'Nothing was changed. `errors` names each wrong field: `field` is a JSON pointer for a body (`/3,-4/brick`), else the name of the parameter. Unknown fields are errors, so that a typing slip is never ignored.',
  },
  unauthorized: {
    status: 401,
    title: 'Who are you?',
    explanation:
      'The daemon has tokens, and the request came without one, or with one that is not known (any more). Send `Authorization: Bearer <token>`; a browser may also use the cookie of `POST /session`, with which it may read. `compositord token` makes one. A token in the URL is never looked at.',
  },
  forbidden: {
    status: 403,
    title: 'This is not allowed',
    explanation:
      'Either the token (or the session) may not do this: it lacks the scope that `WWW-Authenticate` names, or it is for other compositors. Or a web page wants to write, or to reach a compositor, whose origin is not listed in the setting `cors.origins`; programs that are not browsers send no `Origin` and are not concerned by that.',
  },
  'not-found': {
    status: 404,
    title: 'There is no such thing',
    explanation:
      'Nothing has this URL, or no compositor has this id. To a compositor that renews its lease it says: register again.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Not by this method',
    explanation: 'The URL exists, but not for this method. The header `Allow` lists those it has.',
  },
  'id-taken': {
    status: 409,
    title: 'Another compositor has this id',
    explanation:
      'A live compositor holds the id. Choose another, or take it over on purpose with `PUT /compositors/{id}`.',
  },
  'lease-lost': {
    status: 409,
    title: 'Another registration holds the lease',
    explanation:
      'The `Lease-Generation` sent is not the one that holds the lease of this compositor: it was registered again since, perhaps by a twin. Stop, or register again.',
  },
  'tile-taken': {
    status: 409,
    title: 'Another compositor holds a newer tile there',
    explanation:
      'Nothing of the request was done. A tile is taken over only with a `timestamp` newer than the one it has; `errors` names each tile and its owner.',
  },
  'not-connected': {
    status: 409,
    title: 'The compositor is not connected',
    explanation:
      'The daemon is not connected to this compositor, or may not connect to it, so nothing was passed to it. `detail` says why.',
  },
  'cursor-gone': {
    status: 410,
    title: 'This cursor is not in the history',
    explanation:
      'The cursor is older than the history that is kept, or belongs to another history (the store was emptied or restored). Read the whole manifest and go on from its cursor. `oldest` is the oldest cursor still known.',
  },
  'too-large': {
    status: 413,
    title: 'This is too large',
    explanation:
      'A body has at most 1 MiB and 10,000 tiles, the head of a request 16 KiB. Send several requests.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The body must be JSON',
    explanation: 'Send `Content-Type: application/json`; with curl, use `--json` in place of `--data`.',
  },
  misdirected: {
    status: 421,
    title: 'This Host is not served here',
    explanation:
      'A daemon that listens on loopback answers only to localhost, 127.0.0.1, [::1] and the names in the setting `hosts`: otherwise any web page could reach it through a name of its own (DNS rebinding).',
  },
  'rate-limited': {
    status: 429,
    title: 'Too many requests',
    explanation: 'Try again after `Retry-After` seconds.',
  },
  'bad-answer': {
    status: 502,
    title: 'The compositor answered badly',
    explanation:
      'What the compositor answered could not be understood, or the connection to it failed before it had answered. Whether it did what was asked is not known.',
  },
  'store-unavailable': {
    status: 503,
    title: 'The store is away',
    explanation:
      'Nothing was changed. Reads go on with the last known manifest. Try again after `Retry-After` seconds.',
  },
  'outcome-unknown': {
    status: 503,
    title: 'The store did not say whether it was done',
    explanation:
      'The write was sent to the store and no answer came. Send it again: one that was done already changes nothing.',
  },
  'not-yet': {
    status: 503,
    title: 'The manifest is not there yet',
    explanation:
      'This replica has not reached the cursor in `atLeast` within 2 seconds. Try again after `Retry-After` seconds.',
  },
  'circuit-open': {
    status: 503,
    title: 'The compositor failed too often',
    explanation: 'Nothing was sent: it is left alone for a while. Try again after `Retry-After` seconds.',
  },
  'timed-out': {
    status: 504,
    title: 'The compositor took too long',
    explanation:
      'It did not answer in time. Whether it did what was asked is not known, unless `detail` says that it was not sent.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong inside',
    explanation: 'This is a bug. Its report should quote the request id in `detail`; the log tells the rest.',
  },
};

export function isErrorKind(code: string): code is ErrorKind {
  return (ERROR_KINDS as readonly string[]).includes(code);
}
