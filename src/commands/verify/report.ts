import { printable } from '../printable.ts';
import { counted } from '../layout.ts';
import type { Terminal } from '../terminal.ts';
import type { CheckedPromise } from './checks/promises.ts';
import type { Observations } from './observations.ts';

/** Counts, among them of failures that break no promise. */
export function totalsOf({ replies, readers }: Observations) {
  const sum = (field: 'connections' | 'cuts' | 'byes' | 'resets') =>
    readers.reduce((total, reader) => total + reader[field], 0);
  const count = (holds: (reply: Observations['replies'][number]) => boolean) => replies.filter(holds).length;
  return {
    writes: replies.length,
    unanswered: count(({ status }) => status === 0),
    unavailable: count(({ status, code }) => status >= 502 && code !== 'outcome-unknown'),
    outcomeUnknown: count(({ code }) => code === 'outcome-unknown'),
    connections: sum('connections'),
    cuts: sum('cuts'),
    byes: sum('byes'),
    resets: sum('resets'),
  };
}

export interface Report {
  readonly urls: readonly string[];
  readonly seconds: number;
  readonly promises: readonly CheckedPromise[];
  readonly totals: ReturnType<typeof totalsOf>;
  /** Compositors that could not be removed. */
  readonly left: readonly string[];
}

const COLOURS = { kept: 'green', broken: 'red', 'not checked': 'yellow' } as const;

export function reportText({ promises, totals, left }: Report, colour: Terminal['colour']): string {
  const width = Math.max(...promises.map(({ name }) => name.length));
  const lines = promises.flatMap(({ result, name, description, basis, violations }) => [
    `${colour(COLOURS[result], (result === 'broken' ? 'BROKEN' : result).padEnd(11))}  ${name.padEnd(width)}  ${printable(`${description} (${basis})`)}`,
    ...violations.map((line) => `${''.padEnd(15 + width)}${printable(line)}`),
  ]);
  const count = (result: CheckedPromise['result']) => promises.filter((one) => one.result === result).length;
  const { writes, unanswered, unavailable, outcomeUnknown, connections, cuts, byes, resets } = totals;
  lines.push(
    '',
    `${counted(writes, 'write')}: ${unanswered} unanswered, ${unavailable} unavailable, ${outcomeUnknown} of unknown outcome; ` +
      `${counted(connections, 'stream')}: ${cuts} cut, ${counted(byes, 'bye')}, ${counted(resets, 'reset')}`,
    ...left.map(
      (id) => `left behind: ${id}, whose lease will expire; remove it with DELETE /compositors/${id}`,
    ),
    `${counted(promises.length, 'promise')}: ${count('kept')} kept, ${count('broken')} broken, ${count('not checked')} not checked`,
  );
  return lines.map((line) => `${line}\n`).join('');
}
