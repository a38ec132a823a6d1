import type { Observations } from '../observations.ts';
import type { CheckResult } from './check-result.ts';
import { checkFencing, checkHealth, checkLeases } from './leases-and-health.ts';
import { checkLinks } from './links.ts';
import { checkAtLeast, checkConditional, checkErrors, checkTimeTravel } from './reads.ts';
import { checkRegions } from './regions.ts';
import {
  checkAtomic,
  checkCompressed,
  checkCursor,
  checkMoves,
  checkOverview,
  checkResume,
  checkViolation,
} from './streams.ts';
import { checkAgreement, checkDurable, checkRepeated, checkTimely } from './writes.ts';

export interface CheckedPromise extends CheckResult {
  /** For programs; it never changes. */
  readonly name: string;
  readonly description: string;
}

type Check = (observations: Observations) => CheckResult;

/** Everything that a deployment promises. */
export const PROMISES: readonly (readonly [name: string, description: string, check: Check])[] = [
  ['order', 'changes come in order', checkViolation('order')],
  ['once', 'no change comes twice', checkViolation('once')],
  ['atomic', 'a commit is seen whole or not at all', checkAtomic],
  ['cursor', 'a cursor and its data belong together', checkCursor],
  ['digest', 'the digest is that of the map', checkViolation('digest')],
  ['resume', 'a stream resumes at any URL', checkResume],
  ['moves', 'an open stream moves to another view', checkMoves],
  ['overview', 'an overview is the sum of the tiles', checkOverview],
  ['compressed', 'a compressed stream is as fast as a plain one', checkCompressed],
  ['protocol', 'the stream keeps to its protocol', checkViolation('protocol')],
  ['agreement', 'every URL serves what its readers hold', checkAgreement],
  ['durable', 'a write that was answered is in the log', checkDurable],
  ['repeated', 'a repeated write is one commit', checkRepeated],
  ['timely', 'a write is answered within 2 s', checkTimely],
  ['atLeast', 'a read with atLeast is never older', checkAtLeast],
  ['timeTravel', 'the past reads as it was seen', checkTimeTravel],
  ['leases', 'a lease expires in time, a renewed one never', checkLeases],
  ['fencing', 'an older generation changes nothing', checkFencing],
  ['regions', 'an exclusive region keeps others out', checkRegions],
  ['links', 'a link brings commands, wherever it is', checkLinks],
  ['conditional', 'ETag and 304 are right', checkConditional],
  ['errors', 'invalid requests are rejected with a reason', checkErrors],
  ['health', 'liveness and readiness are true', checkHealth],
];

export function checkAll(observations: Observations): CheckedPromise[] {
  return PROMISES.map(([name, description, check]) => ({ name, description, ...check(observations) }));
}
