import { counted } from '../../layout.ts';
import type { Observations } from '../observations.ts';
import { isDaemonReply, resultOf, type CheckResult } from './check-result.ts';

export function checkAtLeast({ readsAtLeast }: Observations): CheckResult {
  const violations = readsAtLeast.flatMap((read) => {
    const { status, code, cursor, shown, n, writer, writtenAt, readAt, atLeast } = read;
    const what = `after write ${n} of ${writer} at ${writtenAt}, ${readAt} asked for atLeast=${atLeast}`;
    if (status === 200 && Number.parseInt(cursor, 10) < Number.parseInt(atLeast, 10))
      return [`${what} answered ${cursor}`];
    if (status === 200 && shown === undefined) return [`${what} showed a part of a write`];
    if (status === 200) return shown! < n ? [`${what} showed write ${shown!}`] : [];
    if (status === 410) return [`${what} does not know that commit (410): do they share a store?`];
    return isDaemonReply(read) ? [`${what} answered ${status} ${code ?? ''}`] : [];
  });
  const answered = readsAtLeast.filter(({ status }) => status === 200).length;
  const late = readsAtLeast.filter(({ code }) => code === 'not-yet').length;
  const basis = `${counted(answered, 'read')} right after a write, ${late} answered not-yet`;
  const whyNot = readsAtLeast.length > 0 ? 'no such read was answered' : 'there was no such read';
  return resultOf(violations, basis, answered, whyNot);
}

export function checkTimeTravel({ pastReads }: Observations): CheckResult {
  const violations = pastReads.flatMap((read) => {
    const { url, cursor, status, differences } = read;
    if (status === 200) return differences.map((line) => `${url} at ${cursor}: ${line}`);
    return status !== 410 && isDaemonReply(read) ? [`${url} at ${cursor} answered ${status}`] : [];
  });
  const answered = pastReads.filter(({ status }) => status === 200).length;
  const gone = pastReads.filter(({ status }) => status === 410).length;
  const basis = `${counted(answered, 'read')} of the past, ${gone} no longer in the history`;
  return resultOf(violations, basis, answered, 'no read of the past was answered');
}

export function checkConditional({ conditionals }: Observations): CheckResult {
  const answered = conditionals.filter(({ status }) => status === 200 || status === 304);
  const violations = answered.flatMap(({ url, what, changed, immutable, sent, status, etag }) => {
    const request = `${what} of ${url}, If-None-Match ${sent}`;
    if (etag === null) return [`${request}: ${status} without an ETag`];
    const same = withoutWeak(etag) === withoutWeak(sent);
    if (status === 304 && changed) return [`${request}: 304, though it had changed`];
    if (status === 304) return same ? [] : [`${request}: 304 with ${etag}`];
    if (same) return [`${request}: 200 with the same ETag`];
    return immutable ? [`${request}: 200, though it cannot change`] : [];
  });
  const basis = counted(answered.length, 'conditional GET');
  return resultOf(violations, basis, answered.length, 'none was answered');
}

/** Proxies weaken tags, so tags are compared without the mark. */
function withoutWeak(etag: string): string {
  return etag.replace(/^W\//, '');
}

export function checkErrors({ errors }: Observations): CheckResult {
  const answered = errors.filter(isDaemonReply);
  const violations = answered.flatMap(({ url, what, expected, status, code, fields, effect }) => {
    const reply = `${what} at ${url} was answered ${status} ${code ?? 'without a problem'}`;
    if (effect !== '') return [`${reply}, and ${effect}`];
    if (status !== expected.status || code !== expected.code)
      return [`${reply}, not ${expected.status} ${expected.code}`];
    const named = expected.field === undefined || fields.includes(expected.field);
    return named ? [] : [`${reply}, which does not name ${expected.field}`];
  });
  const basis = counted(answered.length, 'invalid request');
  return resultOf(violations, basis, answered.length, 'none was answered');
}
