export interface CheckResult {
  readonly result: 'kept' | 'broken' | 'not checked';
  /** The observations behind the result, in words; or why it was not checked. */
  readonly basis: string;
  /** The first few observations that break the promise. */
  readonly violations: readonly string[];
}

const MAX_SHOWN = 5;

/** Broken by any violation; not checked, for the reason `whyNot`, without observations. */
export function resultOf(
  violations: readonly string[],
  basis: string,
  observations: number,
  whyNot = basis,
): CheckResult {
  if (violations.length > 0) {
    const more = violations.length > MAX_SHOWN ? [`and ${violations.length - MAX_SHOWN} more`] : [];
    return { result: 'broken', basis, violations: [...violations.slice(0, MAX_SHOWN), ...more] };
  }
  return observations > 0 ? { result: 'kept', basis, violations: [] } : notChecked(whyNot);
}

export function notChecked(reason: string): CheckResult {
  return { result: 'not checked', basis: reason, violations: [] };
}

/** Whether a daemon answered: not a proxy in front of it, and not nobody. */
export function isDaemonReply({ status }: { readonly status: number }): boolean {
  return status !== 0 && status < 502;
}
