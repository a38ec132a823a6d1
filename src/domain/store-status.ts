import { STORE_REASONS, type StoreFault, type StoreReason } from './store-error.ts';

/** From well to worst. `at-risk`: it does all that it is asked to, and may lose it. `refusing`: it answers reads, and takes no writes. */
export const STORE_STATES = ['ok', 'at-risk', 'refusing', 'away'] as const;
export type StoreStateName = (typeof STORE_STATES)[number];

/** What is wrong now, as far as anybody has found out. */
export interface StoreFaults {
  /** Why it does not answer. */
  readonly away?: StoreFault | undefined;
  /** Why it takes no writes. */
  readonly refusing?: StoreFault | undefined;
  readonly risk?: StoreFault | undefined;
}

/** How the store is, for `/health`, the log and the metrics. */
export interface StoreStatus {
  readonly state: StoreStateName;
  /** Null while all is well. */
  readonly reason: StoreReason | null;
  /** Since when (ms since 1970) it has been so, for this reason. */
  readonly since: number;
  /** One line: what was wrong last, which may be over. */
  readonly lastError: string | null;
}

/** The worst of what is wrong. */
export function worstOf({ away, refusing, risk }: StoreFaults): {
  state: StoreStateName;
  fault?: StoreFault;
} {
  if (away) return { state: 'away', fault: away };
  if (refusing) return { state: 'refusing', fault: refusing };
  return risk ? { state: 'at-risk', fault: risk } : { state: 'ok' };
}

/** The status after `before`, with these faults at `now` (ms since 1970). The same object when nothing changed that anybody sees. */
export function nextStatus(before: StoreStatus, faults: StoreFaults, now: number): StoreStatus {
  const { state, fault } = worstOf(faults);
  const reason = fault?.reason ?? null;
  const lastError = fault?.message.split('\n', 1)[0] ?? before.lastError;
  const isSame = sameFault(before, { state, reason });
  if (isSame && lastError === before.lastError) return before;
  return { state, reason, since: isSame ? before.since : now, lastError };
}

/** Whether both say the same: what was said of one need not be said of the other. */
export function sameFault(
  a: Pick<StoreStatus, 'state' | 'reason'>,
  b: Pick<StoreStatus, 'state' | 'reason'>,
): boolean {
  return a.state === b.state && a.reason === b.reason;
}

export function isWorse(a: StoreStateName, b: StoreStateName): boolean {
  return STORE_STATES.indexOf(a) > STORE_STATES.indexOf(b);
}

/** All reasons, each with 1 for the one that counts now and 0 for the others. */
export function reasonFlags({ reason }: StoreStatus): [StoreReason, number][] {
  return (Object.keys(STORE_REASONS) as StoreReason[]).map((each) => [each, Number(each === reason)]);
}
