import type { Commit } from './commit.ts';
import { GENESIS, type Cursor } from './cursor.ts';
import { formatDigest } from './digest.ts';
import type { LeaseName, LeaseTable, LeaseTerm } from './lease.ts';
import type { LiveManifest } from './live-manifest.ts';
import type { Manifest } from './patch.ts';
import type { StoreFault } from './store-error.ts';

export { StoreError, StoreUnanswered, StoreUnreachable, StoreUnusable } from './store-error.ts';

/**
 * Where commits live. It knows no rules: it compares, appends, and remembers. Both adapters pass
 * `test/contract/store.ts` unchanged.
 *
 * Guarantees that every adapter gives:
 * - **Atomic.** A batch is taken whole or not at all, also when the process or the machine ends in its middle.
 * - **Ordered.** A batch is appended only on exactly the head it names; so the log is one unbroken chain.
 * - **Durable.** `commit` answers after the batch is as durable as the store is set to be.
 * - **Bounded.** No call waits longer than {@link STORE_TIMEOUT} for the store; it then throws. `load` and `refill` carry
 *   the whole map and take as long as that takes.
 * - **Honest.** It throws {@link StoreUnreachable} when nothing was done, {@link StoreUnanswered} when the
 *   batch was sent and its outcome is not known, {@link StoreUnusable} when only an operator can mend it, and nothing else when the
 *   store fails. Each names its reason, as the store itself says it.
 *
 * The caller validates: an adapter stores what it is given.
 */
export interface Store {
  /** `embedded` or `redis`; for logs and `/health`. */
  readonly kind: string;

  /** Whether it may lose its data while daemons go on, of which another may still hold what is lost. */
  readonly shared: boolean;

  /**
   * Everything as of one head; the caller owns the manifest. A store never used before is an empty manifest at GENESIS with an
   * empty log.
   */
  load(): Promise<LoadedState>;

  /**
   * Appends `batch.commits` if the head is `batch.expect` and then if each lease in `expired` has run out. Without commits it
   * still checks, grants and drops. A lease both granted and dropped does not exist. Whatever `keepFrom` says, the newest
   * commit stays.
   *
   * A commit that withdraws a compositor takes away every tile that it has then. The store finds them itself, whatever tiles the
   * commit names, and takes no longer for a million of them.
   */
  commit(batch: Batch): Promise<CommitResult>;

  /** Where an image of the map is kept beside the store, for those that take one: {@link load} is quicker with it. */
  readonly images?: ImageStore;

  /** The cursor of the newest commit, GENESIS when there is none. */
  head(): Promise<Cursor>;

  /** What a reader at `cursor` has missed. */
  read(cursor: Cursor): Promise<Missed>;

  /** Calls `listener` soon after another client may have committed. Only a hint: it may come late, twice, or never. */
  follow(listener: () => void): () => void;

  /** All leases and the store's own clock, by which they run out. */
  leases(): Promise<LeaseTable>;

  /**
   * Moves deadlines to `ttl` from now, by the store's clock; false where there is no such lease. Costs no
   * revision. A deadline is moved back, too: a lease never lasts longer than its TTL. One that ran out can be renewed
   * until it is dropped.
   */
  renew(leases: readonly LeaseTerm[]): Promise<boolean[]>;

  /**
   * Fills an empty store with `state`, its log and cursors included, without leases; false when it is not empty (any more).
   * All or nothing: a reader never sees half of it.
   */
  refill(state: StoreState): Promise<boolean>;

  /**
   * Looks, without changing anything, whether a write would be taken now: throws as {@link commit} would. Resolves to why the store may
   * lose what it holds, or will soon take no more; undefined when all is well. Absent where only a write can tell.
   */
  check?(): Promise<StoreFault | undefined>;

  close(): Promise<void>;
}

/** Keeps the newest image of the map (`tile-image.ts`). It holds nothing that the store does not hold, too. */
export interface ImageStore {
  /** The cursor of the image that is there. */
  head(): Promise<Cursor | undefined>;
  /** Replaces it as a whole; when `pieces` throws, it stays. Does nothing while another process writes one. */
  write(pieces: AsyncIterable<Buffer>): Promise<void>;
}

/** Milliseconds within which every call to a store answers or throws. */
export const STORE_TIMEOUT = 1500;

interface State<M> {
  readonly head: Cursor;
  readonly manifest: M;
  /** The commits still held, oldest first; the last one is the head. */
  readonly log: readonly Commit[];
}

/** What a store is filled with: nobody changes it meanwhile. */
export type StoreState = State<Manifest>;

/** What a store had. */
export type LoadedState = State<LiveManifest>;

/** Why the parts of a state cannot come from one history: a daemon that served them would differ from every reader. */
export function contradictionIn({ head, manifest, log }: LoadedState): string | undefined {
  const last = log.at(-1);
  if (!last) {
    if (head !== GENESIS) return `its head is ${head}, but its log is empty`;
    const { tileCount, compositorCount, regionCount } = manifest;
    return tileCount + compositorCount + regionCount > 0 ? 'it holds a map, but no log' : undefined;
  }
  for (const [i, commit] of log.entries()) {
    const before = log[i - 1];
    if (before && commit.prev !== before.cursor)
      return `in its log ${commit.cursor} follows ${before.cursor}, not ${commit.prev}`;
  }
  if (last.cursor !== head) return `its head is ${head}, but its log ends at ${last.cursor}`;
  const digest = formatDigest(manifest.digest);
  return digest === last.digest
    ? undefined
    : `its tiles have the digest ${digest}, but ${head} left ${last.digest}`;
}

export interface Batch {
  readonly expect: Cursor;
  /** Each on the one before it, the first on `expect`. */
  readonly commits: readonly Commit[];
  readonly grants: readonly LeaseTerm[];
  readonly drops: readonly LeaseName[];
  /** Leases that must have run out (or not exist) by the store's clock for the batch to be taken. */
  readonly expired: readonly LeaseName[];
  /** The log forgets what is older than this revision. */
  readonly keepFrom: number;
}

export type CommitResult =
  | { readonly taken: true }
  | { readonly taken: false; readonly why: 'head' | 'lease'; readonly missed: Missed };

export interface Missed {
  readonly head: Cursor;
  /** The commits after the asked cursor, oldest first, an unbroken run; it may end before `head` when there are many. */
  readonly commits: readonly Commit[];
  /** False: the asked cursor is not in the log (trimmed, or of another history), and `commits` is empty. */
  readonly found: boolean;
}
