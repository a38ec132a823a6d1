import { printable } from '../printable.ts';
import type { Evidence } from './evidence.ts';
import type { Judged } from './promises.ts';
import { counted } from './verdict.ts';

/** What is no broken promise but good to know: how often something was away, cut, or said goodbye. */
export interface Totals {
  readonly writes: number;
  readonly unanswered: number;
  readonly unavailable: number;
  readonly outcomeUnknown: number;
  readonly connections: number;
  readonly cuts: number;
  readonly byes: number;
  readonly resets: number;
}

export function totalsOf({ answers, readers }: Evidence): Totals {
  const sum = (field: 'connections' | 'cuts' | 'byes' | 'resets') =>
    readers.reduce((total, reader) => total + reader[field], 0);
  const count = (holds: (answer: Evidence['answers'][number]) => boolean) => answers.filter(holds).length;
  return {
    writes: answers.length,
    unanswered: count(({ status }) => status === 0),
    unavailable: count(({ status, code }) => status >= 502 && code !== 'outcome-unknown'),
    outcomeUnknown: count(({ code }) => code === 'outcome-unknown'),
    connections: sum('connections'),
    cuts: sum('cuts'),
    byes: sum('byes'),
    resets: sum('resets'),
  };
}

export interface Finding {
  readonly urls: readonly string[];
  readonly seconds: number;
  readonly promises: readonly Judged[];
  readonly totals: Totals;
  /** Compositors that could not be taken away. */
  readonly left: readonly string[];
}

export function reportText({ promises, totals, left }: Finding): string {
  const width = Math.max(...promises.map(({ name }) => name.length));
  const lines = promises.flatMap(({ ruling, name, words, basis, evidence }) => [
    `${(ruling === 'broken' ? 'BROKEN' : ruling).padEnd(10)}  ${name.padEnd(width)}  ${words} (${basis})`,
    ...evidence.map((line) => `${''.padEnd(14 + width)}${line}`),
  ]);
  const many = (ruling: Judged['ruling']) => promises.filter((promise) => promise.ruling === ruling).length;
  const { writes, unanswered, unavailable, outcomeUnknown, connections, cuts, byes, resets } = totals;
  lines.push(
    '',
    `${counted(writes, 'write')}: ${unanswered} unanswered, ${unavailable} unavailable, ${outcomeUnknown} of unknown outcome; ` +
      `${counted(connections, 'stream')}: ${cuts} cut, ${counted(byes, 'bye')}, ${counted(resets, 'reset')}`,
    ...left.map(
      (id) => `left behind: ${id}, whose lease will run out; take it away with DELETE /compositors/${id}`,
    ),
    `${counted(promises.length, 'promise')}: ${many('kept')} kept, ${many('broken')} broken, ${many('not judged')} not judged`,
  );
  return lines.map((line) => `${printable(line)}\n`).join('');
}
