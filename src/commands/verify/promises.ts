import type { Evidence } from './evidence.ts';
import { judgeFencing, judgeHealth, judgeLeases } from './judges-life.ts';
import { judgeConditional, judgeNewer, judgeRefusals, judgeTravel } from './judges-reads.ts';
import {
  judgeAtomic,
  judgeCursor,
  judgeDigest,
  judgeOnce,
  judgeOrder,
  judgeProtocol,
  judgeResume,
} from './judges-stream.ts';
import { judgeAgreement, judgeDurable, judgeRepeated, judgeTimely } from './judges-writes.ts';
import type { Verdict } from './verdict.ts';

export interface Promised {
  /** For machines; stays the same. */
  readonly name: string;
  readonly words: string;
  readonly judge: (evidence: Evidence) => Verdict;
}

/** All that a deployment is held to. */
export const PROMISES: readonly Promised[] = [
  { name: 'order', words: 'changes come in order', judge: judgeOrder },
  { name: 'once', words: 'no change comes twice', judge: judgeOnce },
  { name: 'atomic', words: 'a commit is seen whole or not at all', judge: judgeAtomic },
  { name: 'cursor', words: 'a cursor and its data belong together', judge: judgeCursor },
  { name: 'digest', words: 'the digest is that of the map', judge: judgeDigest },
  { name: 'resume', words: 'a stream resumes at any URL', judge: judgeResume },
  { name: 'protocol', words: 'the stream keeps to its protocol', judge: judgeProtocol },
  { name: 'agreement', words: 'every URL serves what its readers hold', judge: judgeAgreement },
  { name: 'durable', words: 'a write that was answered is in the log', judge: judgeDurable },
  { name: 'repeated', words: 'a repeated write is one commit', judge: judgeRepeated },
  { name: 'timely', words: 'a write is answered within 2 s', judge: judgeTimely },
  { name: 'atLeast', words: 'a read with atLeast is never older', judge: judgeNewer },
  { name: 'timeTravel', words: 'the past reads as it was seen', judge: judgeTravel },
  { name: 'leases', words: 'a lease runs out in time, a renewed one never', judge: judgeLeases },
  { name: 'fencing', words: 'an older generation changes nothing', judge: judgeFencing },
  { name: 'conditional', words: 'ETag and 304 are right', judge: judgeConditional },
  { name: 'errors', words: 'bad requests are refused in words', judge: judgeRefusals },
  { name: 'health', words: 'liveness and readiness tell the truth', judge: judgeHealth },
];

export interface Judged extends Verdict {
  readonly name: string;
  readonly words: string;
}

export function judgeAll(evidence: Evidence): Judged[] {
  return PROMISES.map(({ name, words, judge }) => ({ name, words, ...judge(evidence) }));
}
