import { ReplyError } from 'ioredis';
import { StoreUnreachable } from '../../domain/store.ts';

/** Redis refused before it did anything: out of memory, a replica, still loading, another node's slot, ... */
const NOT_DONE = new Set([
  ...['OOM', 'READONLY', 'MISCONF', 'LOADING', 'NOREPLICAS', 'MASTERDOWN', 'BUSY', 'UNBLOCKED'],
  ...['CLUSTERDOWN', 'TRYAGAIN', 'MOVED', 'ASK'],
  ...['NOAUTH', 'WRONGPASS', 'NOPERM'],
]);

/** The right answer may come from another server, or from this one over a new connection. */
const ELSEWHERE = new Set(['READONLY', 'MASTERDOWN', 'MOVED', 'ASK', 'NOAUTH', 'UNBLOCKED']);

/** Only an operator can mend it: to try again would never help. */
const UNUSABLE: Readonly<Record<string, string>> = {
  WRONGPASS: 'it refuses the user or the password',
  NOAUTH: 'it requires a password',
  NOPERM: 'its access rules forbid what compositord needs',
  MOVED: 'it is a node of a cluster: use redis+cluster://',
};

/** Whether Redis answered with this error; any other error is one of the connection. */
export function isReply(error: unknown): error is Error {
  return error instanceof ReplyError;
}

/** The code, such as `OOM`, of an error that Redis answered with; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  return isReply(error) ? /^[A-Z]*/.exec(error.message)?.[0] : undefined;
}

/** Whether Redis answered that it did nothing, for now. */
export function isNotDone(error: unknown): boolean {
  return NOT_DONE.has(codeOf(error) ?? '');
}

export function isElsewhere(error: unknown): boolean {
  return ELSEWHERE.has(codeOf(error) ?? '');
}

/** An Error of one line when a connection that failed with `error` will never work; undefined for a server that is merely away. */
export function unusable(where: string, error: unknown): Error | undefined {
  const why = error instanceof StoreUnreachable ? unusableReason(error.cause) : undefined;
  return why === undefined
    ? undefined
    : new Error(`The Redis at ${where} cannot be used: ${why}.`, { cause: error });
}

function unusableReason(error: unknown): string | undefined {
  const code = codeOf(error);
  const message = messageOf(error);
  if (code !== undefined && code in UNUSABLE) return UNUSABLE[code];
  if (code !== undefined && !isNotDone(error)) return `it answered ${JSON.stringify(message)}`;
  if (/^Unknown RESP type|^Protocol error|Please report this/.test(message))
    return 'what answers there is not a Redis';
  const { code: system } = error as NodeJS.ErrnoException;
  const tls =
    typeof system === 'string' &&
    /^(?:ERR_(?:SSL|TLS)_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(system);
  return tls ? `its TLS is not accepted: ${message}` : undefined;
}

/** The error for an answer that is neither a result nor a refusal for now, or for what it says: the keys do not hold what they should. */
export function damaged(where: string, error: unknown): Error {
  const what = messageOf(error)
    .replace(/ script: .*$/s, '')
    .replace(/^(?:ERR|DAMAGED) /, '');
  return new Error(`The store at ${where} is damaged: ${what}.`, { cause: error });
}

export function unreachable(where: string, error: unknown): StoreUnreachable {
  return new StoreUnreachable(`the Redis at ${where} cannot be used: ${messageOf(error)}`, { cause: error });
}

export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // When every address of a name failed, Node gives an AggregateError without a message.
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}
