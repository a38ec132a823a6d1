/**
 * Why a store does not do all that it should, each with the sentence that an operator and a caller read. The list is closed: a reason is a
 * label of a metric and stands in `/health`.
 */
export const STORE_REASONS = {
  unreachable: 'no connection to the store can be made',
  frozen: 'the store takes connections and does not answer',
  loading: 'the store is still loading its data',
  'failing-over': 'the store is failing over to another server, or its cluster is down',
  busy: 'the store is busy with a script of another program',
  'password-missing': 'the store requires a password',
  'password-wrong': 'the store refuses the user or the password',
  tls: 'the TLS of the store is not accepted',
  'not-usable': 'what answers there is no store that compositord can use',
  'right-missing': "the store's access rules forbid what compositord needs",
  full: "the store's memory is full (maxmemory)",
  'read-only': 'the store takes no writes: it is a replica, or its file system is read-only',
  'not-saving': 'the store cannot save to its disk and takes no writes',
  'too-few-replicas': 'the store has fewer replicas than its min-replicas-to-write',
  locked: 'another process keeps the store locked, or its disk hangs',
  'disk-full': 'the disk of the store is full',
  'disk-slow': 'the disk of the store does not confirm writes in time',
  'disk-failing': 'the disk of the store fails',
  evicting: 'the store may evict tiles: its maxmemory-policy is not noeviction',
  damaged: 'what the store holds is damaged',
  'newer-format': 'a newer compositord has taken over the store',
} as const;

export type StoreReason = keyof typeof STORE_REASONS;

/** Whoever is refused a write for one of these cannot read either. */
const NO_ANSWER: ReadonlySet<StoreReason> = new Set<StoreReason>([
  ...(['unreachable', 'frozen', 'loading', 'failing-over', 'busy'] as const),
  ...(['password-missing', 'password-wrong', 'tls', 'not-usable'] as const),
]);

/** Whether a store that refuses a write for this reason answers all the same, so that reads go on. */
export function refusesOnlyWrites(reason: StoreReason): boolean {
  return !NO_ANSWER.has(reason);
}

/** A reason, and what exactly the store (or its disk) said. */
export interface StoreFault {
  readonly reason: StoreReason;
  readonly message: string;
}

export interface StoreErrorOptions extends ErrorOptions {
  readonly reason?: StoreReason;
}

/** The store is away, or refuses: nothing is wrong with us. */
export class StoreError extends Error implements StoreFault {
  readonly reason: StoreReason;

  constructor(message: string, { reason = 'unreachable', ...options }: StoreErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
  }
}

/** Nothing was done: the store could not be reached, or it refused. */
export class StoreUnreachable extends StoreError {
  override name = 'StoreUnreachable';
}

/** Something was sent and no answer came: the store may have done it. */
export class StoreUnanswered extends StoreError {
  override name = 'StoreUnanswered';

  constructor(message: string, options: StoreErrorOptions = {}) {
    super(message, { reason: 'frozen', ...options });
  }
}

/** Only an operator can mend it. At the start it ends the process with its message, one line; later the store counts as away until it is mended. */
export class StoreUnusable extends StoreError {}
