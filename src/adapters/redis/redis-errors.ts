import { ReplyError } from 'ioredis';
import { StoreUnreachable, StoreUnusable, type StoreReason } from '../../domain/store-error.ts';
import { LookupError } from './lookup-error.ts';
import { tlsWords } from './tls-words.ts';

/** Redis refused before it did anything: out of memory, a replica, still loading, another node's slot, ... */
const NOT_DONE: Readonly<Record<string, StoreReason>> = {
  OOM: 'full',
  READONLY: 'read-only',
  MISCONF: 'not-saving',
  LOADING: 'loading',
  NOREPLICAS: 'too-few-replicas',
  BUSY: 'busy',
  MASTERDOWN: 'failing-over',
  UNBLOCKED: 'failing-over',
  CLUSTERDOWN: 'failing-over',
  TRYAGAIN: 'failing-over',
  MOVED: 'failing-over',
  ASK: 'failing-over',
  NOAUTH: 'password-missing',
  WRONGPASS: 'password-wrong',
  NOPERM: 'right-missing',
};

/** How Redis 7.0 and 7.2 say inside of a script that its user lacks a right: without a code of its own, or with an older one. */
const LACKS_RIGHT = /^(?:ERR )?(?:The user executing the script can't|ACL failure in script)/;

/** The right answer may come from another server, or from this one over a new connection. */
const ELSEWHERE = new Set(['READONLY', 'MASTERDOWN', 'MOVED', 'ASK', 'NOAUTH', 'UNBLOCKED']);

/** Only an operator can mend it: to try again would never help. */
const UNUSABLE: Readonly<Record<string, string>> = {
  WRONGPASS: 'it refuses the user or the password',
  NOAUTH: 'it requires a password',
  NOPERM: 'its access rules forbid what compositord needs',
  MOVED: 'it is a node of a cluster: use redis+cluster://',
};

/** What a sentinel can be given beside what the servers are. */
const OF_SENTINEL: Readonly<Record<string, string>> = {
  WRONGPASS: '; redis.sentinel.user and redis.sentinel.passwordFile are for those of sentinels alone',
  NOAUTH: '; redis.sentinel.passwordFile names one',
};

/** Whether Redis answered with this error; any other error is one of the connection. */
export function isReply(error: unknown): error is Error {
  return error instanceof ReplyError;
}

/** The code, such as `OOM`, of an error that Redis (or who was asked for it) answered with; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof LookupError) return codeOf(error.cause);
  if (!isReply(error)) return undefined;
  return LACKS_RIGHT.test(error.message) ? 'NOPERM' : /^[A-Z]*/.exec(error.message)?.[0];
}

/** Whether Redis answered that it did nothing, for now. */
export function isNotDone(error: unknown): boolean {
  return Object.hasOwn(NOT_DONE, codeOf(error) ?? '');
}

export function isElsewhere(error: unknown): boolean {
  return ELSEWHERE.has(codeOf(error) ?? '');
}

/** An Error of one line when a connection that failed with `error` will never work; undefined for a server that is merely away. */
export function unusable(where: string, error: unknown): StoreUnusable | undefined {
  if (!(error instanceof StoreUnreachable)) return undefined;
  const why = unusableReason(error.cause);
  if (why === undefined) return undefined;
  const reason = error.reason === 'unreachable' ? 'not-usable' : error.reason;
  return new StoreUnusable(`The Redis at ${where} cannot be used: ${why}.`, { reason, cause: error });
}

function unusableReason(error: unknown): string | undefined {
  if (error instanceof LookupError) {
    const why = unusableReason(error.cause);
    const more = error.kind === 'sentinel' ? (OF_SENTINEL[codeOf(error) ?? ''] ?? '') : '';
    return why === undefined ? undefined : `${error.of}: ${why}${more}`;
  }
  const code = codeOf(error);
  const message = messageOf(error);
  if (code === 'NOPERM') return `${UNUSABLE[code]}: ${message}`;
  if (code !== undefined && code in UNUSABLE) return UNUSABLE[code];
  if (/DB index is out of range/.test(message))
    return 'it has no database of that number; its own setting `databases` says how many it has';
  if (code !== undefined && !isNotDone(error)) return `it answered ${JSON.stringify(message)}`;
  if (/^Unknown RESP type|^Protocol error|Please report this/.test(message))
    return 'what answers there is not a Redis';
  const tls = tlsWords(error);
  return tls === undefined ? undefined : `its TLS is not accepted: ${tls}`;
}

/** Of several that were asked in vain: what an operator can mend comes before what is merely away. */
export function mostTelling(failures: readonly LookupError[]): LookupError {
  return failures.find((each) => unusableReason(each) !== undefined) ?? failures.at(-1)!;
}

/** The error for an answer that is neither a result nor a refusal for now, or for what it says: the keys do not hold what they should. */
export function damaged(where: string, error: unknown): StoreUnusable {
  const what = withoutPlace(messageOf(error)).replace(/^(?:ERR|DAMAGED) /, '');
  return new StoreUnusable(`The store at ${where} is damaged: ${what}.`, { reason: 'damaged', cause: error });
}

export function unreachable(where: string, error: unknown): StoreUnreachable {
  const reason = reasonOf(error);
  return new StoreUnreachable(`the Redis at ${where} cannot be used: ${messageOf(error)}`, {
    reason,
    cause: error,
  });
}

/** A call, or a handshake, that got no answer on a connection that stands. */
export class NoAnswer extends Error {}

/** Says of which keys or channels it is that Redis refused one; it does not say so itself. */
export function namingKeys(error: unknown, args: readonly unknown[]): unknown {
  if (codeOf(error) !== 'NOPERM' || !/\b(?:key|channel)s?\b/.test(messageOf(error))) return error;
  const names = args.filter((arg) => typeof arg === 'string' && /^\{[^}"]+\}:/.test(arg));
  (error as Error).message = `${withoutPlace(messageOf(error))}: ${names.join(', ')}`;
  return error;
}

/** Whether Redis refused a command inside of a script without saying which one. */
export function lacksUnnamedRight(error: unknown): error is StoreUnreachable {
  return error instanceof StoreUnreachable && /can't run this command/.test(messageOf(error.cause));
}

export function withMissingRights(error: StoreUnreachable, commands: readonly string[]): StoreUnreachable {
  const { reason, cause } = error;
  return new StoreUnreachable(`${withoutPlace(error.message)}: ${commands.join(', ')}`, { reason, cause });
}

/** Without the place in a script that Redis adds. */
function withoutPlace(message: string): string {
  return message.replace(/ script: .*$/s, '');
}

/** A server that has never answered closed the connection: what it may have wanted instead. */
export function closedAtOnce(error: unknown, isTls: boolean): Error {
  const question = isTls ? 'a certificate of the client (redis.cert)' : 'TLS (rediss)';
  return new Error(`${messageOf(error)}, before it said anything; does it want ${question}?`, {
    cause: error,
  });
}

/** Whether the other end closed the connection. */
export function isClosed(error: unknown): boolean {
  return ['ECONNRESET', 'EPIPE'].includes((error as NodeJS.ErrnoException).code ?? '');
}

/** What ioredis says of a command whose connection has ended, whoever ended it. */
export function isOfEnd(error: unknown): boolean {
  return /^Connection is closed|max retries per request/.test(messageOf(error));
}

/** Why a call failed, as the error itself says. */
export function reasonOf(error: unknown): StoreReason {
  if (error instanceof LookupError) return reasonOf(error.cause);
  const code = codeOf(error);
  const said = code === undefined ? undefined : NOT_DONE[code];
  // It names the disk only in its words: of its append-only file, or of its dump.
  if (said === 'not-saving' && /No space left/i.test(messageOf(error))) return 'disk-full';
  if (said !== undefined) return said;
  // The last is what ioredis says of a handshake.
  if (error instanceof NoAnswer || messageOf(error) === 'Command timed out') return 'frozen';
  return tlsWords(error) === undefined ? 'unreachable' : 'tls';
}

export function messageOf(error: unknown): string {
  if (error instanceof LookupError) return `${error.of}: ${messageOf(error.cause)}`;
  if (!(error instanceof Error)) return String(error);
  // When every address of a name failed, Node gives an AggregateError without a message.
  return tlsWords(error) ?? (error.message || (error as NodeJS.ErrnoException).code || error.name);
}
