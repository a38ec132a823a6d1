export type Ruling = 'kept' | 'broken' | 'not judged';

export interface Verdict {
  readonly ruling: Ruling;
  /** How many observations it rests on, in words; or why there is no judgement. */
  readonly basis: string;
  /** Of a broken promise: what was seen, the first few. */
  readonly evidence: readonly string[];
}

const SHOWN = 5;

/** Broken when anything speaks against it; not judged when there was nothing to look at. */
export function ruled(against: readonly string[], basis: string, looked: number, whyNot = basis): Verdict {
  if (against.length > 0) {
    const more = against.length > SHOWN ? [`and ${against.length - SHOWN} more`] : [];
    return { ruling: 'broken', basis, evidence: [...against.slice(0, SHOWN), ...more] };
  }
  return looked > 0 ? { ruling: 'kept', basis, evidence: [] } : notJudged(whyNot);
}

export function notJudged(why: string): Verdict {
  return { ruling: 'not judged', basis: why, evidence: [] };
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
