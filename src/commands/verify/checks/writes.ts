import { counted } from '../../layout.ts';
import type { Observations, WriteObservation } from '../observations.ts';
import { notChecked, resultOf, type CheckResult } from './check-result.ts';

/** Every write answered 2xx is in the log, at the cursor of its reply. */
export function checkDurable({ writes, commits }: Observations): CheckResult {
  const acknowledged = writes.filter(({ cursor }) => cursor !== undefined);
  const violations = writes
    .filter(({ rejected }) => rejected !== undefined)
    .map((write) => `${titleOf(write)} was rejected: ${write.rejected!}`);
  if (!commits && violations.length === 0) return notChecked('the history could not be read at the end');
  const known = new Set(commits?.map(({ by, cursor }) => `${by} ${cursor}`));
  for (const write of commits ? acknowledged : [])
    if (write.changed > 0 && !known.has(`${write.writer} ${write.cursor!}`))
      violations.push(`${titleOf(write)} was answered ${write.cursor!}, which is no commit of the history`);
  const basis = `${counted(acknowledged.length, 'acknowledged write')} looked up in the history`;
  return resultOf(violations, basis, acknowledged.length, 'no write was answered');
}

/** A repeated write is one commit: the repetition changes nothing, and the history has no more commits than writes. */
export function checkRepeated({ writes, repeats, commits }: Observations): CheckResult {
  const answered = repeats.filter(({ status }) => status === 200);
  const violations = answered
    .filter(({ changed }) => changed !== 0)
    .map((one) => `${titleOf(one)}, sent again, changed ${counted(one.changed, 'entry', 'entries')}`);
  for (const writer of commits ? new Set(writes.map((write) => write.writer)) : []) {
    const made = commits!.filter(({ by, tiles }) => by === writer && tiles > 0).length;
    const sent = writes.filter((write) => write.writer === writer).length;
    if (made > sent)
      violations.push(`${writer} made ${counted(sent, 'write')}; the history has ${made} commits of it`);
  }
  const retried = writes.filter(({ attempts }) => attempts > 1).length;
  const basis = `${counted(answered.length, 'write')} sent again on purpose, ${retried} after a failure`;
  return resultOf(violations, basis, answered.length + retried, 'no write was sent twice');
}

/** Each reader's last copy equals what each URL serves. */
export function checkAgreement({ finalReads }: Observations): CheckResult {
  const violations = finalReads.flatMap(({ url, reader, cursor, differences }) =>
    differences.map((line) => `${reader} and GET /manifest of ${url} differ at ${String(cursor)}: ${line}`),
  );
  const compared = finalReads.filter(({ cursor }) => cursor !== undefined).length;
  const reasons = new Set(finalReads.flatMap(({ cursor, why }) => (cursor === undefined ? [why] : [])));
  const rest = reasons.size > 0 ? `; not comparable: ${[...reasons].join(', ')}` : '';
  const basis = `${counted(compared, 'copy', 'copies')} compared${rest}`;
  return resultOf(violations, basis, compared, `nothing could be compared${rest}`);
}

/** Milliseconds within which every write must be answered, and the allowance for the network. */
const ANSWER_LIMIT = 2000;
const NETWORK_LIMIT = 1000;

/** Every write is answered within the time limit, whatever the answer. */
export function checkTimely({ replies, stallMs }: Observations): CheckResult {
  const limit = ANSWER_LIMIT + NETWORK_LIMIT + stallMs;
  const violations = replies
    .filter(({ ms }) => ms > limit)
    .map(({ what, url, status, ms }) => {
      const answer = status === 0 ? 'nothing' : `${status}`;
      return `${what} at ${url} was answered ${answer} after ${Math.round(ms)} ms`;
    });
  const slowest = Math.max(0, ...replies.map(({ ms }) => ms));
  const unavailable = replies.filter(({ status }) => status === 503).length;
  const basis = `${counted(replies.length, 'write')}, the slowest in ${Math.round(slowest)} ms, ${unavailable} answered 503`;
  return resultOf(violations, basis, replies.length);
}

function titleOf({ n, writer, url }: Pick<WriteObservation, 'n' | 'writer' | 'url'>): string {
  return `write ${n} of ${writer} at ${url}`;
}
