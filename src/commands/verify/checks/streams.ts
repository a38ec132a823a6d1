import { counted } from '../../layout.ts';
import type { Observations, ReaderObservation, SeenObservation, WriteObservation } from '../observations.ts';
import { notChecked, resultOf, type CheckResult } from './check-result.ts';

/** The promise that a protocol violation breaks, by its words; the first match counts. */
const VIOLATIONS = [
  ['order', /back in time|another history/],
  ['once', / twice /],
  ['digest', /^the digest is/],
  ['compressed', /^the compressed stream|^the stream comes in/],
  ['resume', /to a reader that sent an id|before a snapshot/],
  ['protocol', /./],
] as const;

type Violation = (typeof VIOLATIONS)[number][0];

/** A check for one kind of protocol violation. */
export const checkViolation =
  (kind: Violation) =>
  (observations: Observations): CheckResult => {
    const exact = observations.readers.filter(({ seen }) => seen.length > 0).length;
    const violations = violationsOf(observations, kind);
    return resultOf(violations, counted(exact, 'reader'), exact, 'no reader was ever exact');
  };

export function checkAtomic({ readers }: Observations): CheckResult {
  const violations = readers.flatMap((reader) => reader.torn.map((line) => `${titleOf(reader)}: ${line}`));
  const seen = readers.reduce((sum, reader) => sum + reader.seen.filter(({ n }) => n > 0).length, 0);
  const basis = `${counted(seen, 'multi-tile state')} seen by ${counted(readers.length, 'reader')}`;
  return resultOf(violations, basis, seen);
}

/** At each cursor, an exact copy must hold the last write of every writer that was committed up to it, and no later one. */
export function checkCursor({ readers, writes }: Observations): CheckResult {
  if (readers.some(({ resets }) => resets > 0))
    return notChecked('the history was replaced: revisions before and after cannot be compared');
  const byWriter = new Map<string, WriteObservation[]>();
  for (const write of writes) byWriter.set(write.writer, [...(byWriter.get(write.writer) ?? []), write]);
  const states = readers.flatMap((reader) => reader.seen.map((seen) => ({ reader, seen })));
  const violations = states.flatMap(({ reader, seen }) => {
    const mismatch = findMismatch(seen, byWriter.get(seen.writer) ?? []);
    return mismatch === undefined ? [] : [`${titleOf(reader)}: ${mismatch}`];
  });
  return resultOf(violations, `${counted(states.length, 'state')} at known cursors`, states.length);
}

function findMismatch(seen: SeenObservation, writes: readonly WriteObservation[]): string | undefined {
  for (const { n, cursor, changed } of writes) {
    if (cursor === undefined) continue;
    const revision = Number.parseInt(cursor, 10);
    if (n > seen.n && revision <= seen.to)
      return `at revision ${seen.to} it had write ${seen.n} of ${seen.writer}, though write ${n} is commit ${cursor}`;
    if (n === seen.n && changed > 0 && revision > seen.from)
      return `at revision ${seen.from} it had write ${n} of ${seen.writer} already, which is commit ${cursor}`;
  }
  return undefined;
}

export function checkResume(observations: Observations): CheckResult {
  const { readers, urls } = observations;
  const violations = violationsOf(observations, 'resume');
  const outage = sawOutage(observations);
  let slowest = 0;
  let reconnects = 0;
  for (const reader of readers) {
    for (const { to, id, ms } of reader.reconnects) {
      reconnects++;
      slowest = Math.max(slowest, ms ?? 0);
      if (ms === undefined) violations.push(`${titleOf(reader)}: not exact again at ${to} after ${id}`);
    }
    if (reader.resets > 0 && !outage)
      violations.push(
        `${titleOf(reader)}: ${counted(reader.resets, 'reset')}, though the store was always available`,
      );
  }
  const where = urls.length > 1 ? 'at another URL' : 'at the same URL (several URLs check more)';
  const basis = `${counted(reconnects, 'reconnect')} ${where}, the slowest exact in ${Math.round(slowest)} ms`;
  return resultOf(violations, basis, reconnects, 'no reader reconnected');
}

/** An open stream that is asked for another view shows it, whichever URL is asked. What the copy then holds is for the other checks. */
export function checkMoves(observations: Observations): CheckResult {
  const moves = observations.readers.flatMap((reader) => reader.moves.map((move) => ({ reader, ...move })));
  const outage = sawOutage(observations);
  const violations = moves
    .filter(({ status, ms }) => ms === undefined && !(outage || status === 429))
    .map(
      ({ reader, to, view, status }) =>
        `${titleOf(reader)}: ${view} asked at ${to}: ${status}, not exact in it`,
    );
  const slowest = Math.max(0, ...moves.map(({ ms }) => ms ?? 0));
  const basis = `${counted(moves.length, 'move')}, the slowest exact in ${Math.round(slowest)} ms`;
  return resultOf(violations, basis, moves.length, 'no stream could be moved');
}

/** At each cursor an overview shows what the tiles of a reader at the same cursor add up to. */
export function checkOverview({ readers }: Observations): CheckResult {
  const violations = readers.flatMap((reader) =>
    reader.wrongAreas.map((line) => `${titleOf(reader)}: ${line}`),
  );
  const compared = readers.reduce((sum, reader) => sum + reader.comparedAreas, 0);
  const basis = `${counted(compared, 'overview')} compared with the tiles at the same cursor`;
  return resultOf(violations, basis, compared, 'no overview was exact where a reader of tiles was');
}

/** A compressed stream can be read, and brings each change when the plain one does. */
export function checkCompressed(observations: Observations): CheckResult {
  const { compressed } = observations;
  const withheld = compressed
    .filter(({ ms }) => ms === undefined)
    .map(({ url, cursor }) => `${url} sent ${cursor} by the plain stream, and not by the compressed one`);
  const violations = [...violationsOf(observations, 'compressed'), ...withheld];
  const slowest = Math.max(0, ...compressed.map(({ ms }) => ms ?? 0));
  const basis = `${counted(compressed.length, 'change')}, the slowest ${Math.round(slowest)} ms after the plain stream`;
  return resultOf(violations, basis, compressed.length, 'no stream came compressed');
}

/** The store or a daemon was unavailable at some time, to a reader, a writer or the health probe. */
export function sawOutage({ readers, replies, health }: Observations): boolean {
  return (
    readers.some(({ degraded }) => degraded) ||
    replies.some(({ status }) => status === 0 || status >= 502) ||
    health.some(({ live, ready }) => live !== 200 || ready !== 200)
  );
}

function violationsOf({ readers }: Observations, kind: Violation): string[] {
  return readers.flatMap((reader) =>
    reader.violations
      .filter((line) => VIOLATIONS.find(([, words]) => words.test(line))?.[0] === kind)
      .map((line) => `${titleOf(reader)}: ${line}`),
  );
}

function titleOf({ name, url }: ReaderObservation): string {
  return `${name} at ${url}`;
}
