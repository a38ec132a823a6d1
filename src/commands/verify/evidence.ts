import type { Answer } from './deployment.ts';

/** What a verification has seen. Plain data: the judges are pure functions of it. Times are monotonic milliseconds. */
export interface Evidence {
  readonly urls: readonly string[];
  readonly readers: ReaderEvidence[];
  readonly writes: WriteEvidence[];
  readonly repeats: RepeatEvidence[];
  readonly newer: NewerEvidence[];
  readonly travels: TravelEvidence[];
  readonly finals: FinalEvidence[];
  /** The commits on behalf of verify's compositors, in any order; undefined when the history could not be read. */
  commits: CommitEvidence[] | undefined;
  readonly deaths: DeathEvidence[];
  readonly renewals: RenewalEvidence[];
  readonly fencing: FencingEvidence[];
  readonly conditionals: ConditionalEvidence[];
  readonly refusals: RefusalEvidence[];
  readonly health: HealthEvidence[];
  /** Every answer to a write, also those of other probes. */
  readonly answers: AnswerEvidence[];
  /** The longest time for which verify itself stood still: no delay below it says anything. */
  stallMs: number;
}

export interface ReaderEvidence {
  readonly name: string;
  readonly url: string;
  /** Breaches of the stream's protocol, in words. */
  readonly violations: readonly string[];
  /** Moments at which a commit was there in part. */
  readonly torn: readonly string[];
  readonly seen: readonly SeenEvidence[];
  readonly hops: readonly HopEvidence[];
  /** How many snapshots replaced the history under it. */
  readonly resets: number;
  /** It saw the store away. */
  readonly degraded: boolean;
  readonly connections: number;
  readonly cuts: number;
  readonly byes: number;
}

/** From one revision to another a reader's exact copy held write `n` of a writer; 0: none. */
export interface SeenEvidence {
  readonly writer: string;
  readonly n: number;
  readonly from: number;
  to: number;
}

export interface HopEvidence {
  readonly to: string;
  readonly id: string;
  /** Milliseconds until the copy was exact again; undefined: it never was. */
  readonly ms: number | undefined;
}

/** One logical write, repeated until it was answered. */
export interface WriteEvidence {
  readonly writer: string;
  readonly n: number;
  readonly url: string;
  readonly attempts: number;
  /** Of the 2xx; undefined: never answered so. */
  readonly cursor: string | undefined;
  /** 0: an earlier attempt had done it, so that the cursor is not its own. */
  readonly changed: number;
  readonly refused?: string;
}

/** A write that had been answered, sent again. */
export interface RepeatEvidence {
  readonly writer: string;
  readonly n: number;
  readonly url: string;
  readonly status: number;
  readonly changed: number;
}

/** `GET /manifest?atLeast=` elsewhere, after a write. */
export interface NewerEvidence {
  readonly writer: string;
  /** The write that was answered. */
  readonly n: number;
  readonly wrote: string;
  readonly read: string;
  readonly asked: string;
  readonly status: number;
  readonly code: string | undefined;
  readonly cursor: string;
  /** The write that it showed. */
  readonly shown: number | undefined;
}

export interface TravelEvidence {
  readonly url: string;
  readonly cursor: string;
  readonly status: number;
  readonly differences: readonly string[];
}

export interface FinalEvidence {
  readonly url: string;
  readonly reader: string;
  /** Undefined: they were compared at no cursor. */
  readonly cursor: string | undefined;
  readonly differences: readonly string[];
  readonly why: string;
}

export interface CommitEvidence {
  readonly cursor: string;
  readonly by: string;
  readonly tiles: number;
}

/** A compositor that was left without renewals. */
export interface DeathEvidence {
  readonly id: string;
  /** Seconds. */
  readonly ttl: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** When a reader was first told that it is stale; undefined: until `until` none was. */
  readonly staleAt: number | undefined;
  readonly until: number;
}

/** A compositor that renewed in time. */
export interface RenewalEvidence {
  readonly id: string;
  readonly ttl: number;
  readonly renewed: number;
  /** The longest time between two answered renewals, milliseconds. */
  readonly longest: number;
  readonly stale: number;
}

/** What an older generation was answered after its id had been taken over. */
export interface FencingEvidence {
  readonly what: string;
  readonly url: string;
  readonly status: number;
  readonly code: string | undefined;
  /** What it changed nevertheless; empty: nothing. */
  readonly effect: string;
}

export interface ConditionalEvidence {
  readonly url: string;
  readonly what: string;
  /** The content had changed since the sent tag. */
  readonly changed: boolean;
  /** What is read cannot change, since it is in the past. */
  readonly immutable: boolean;
  readonly sent: string;
  readonly status: number;
  readonly etag: string | null;
}

export interface RefusalEvidence {
  readonly url: string;
  readonly what: string;
  readonly wanted: { readonly status: number; readonly code: string; readonly field?: string };
  readonly status: number;
  readonly code: string | undefined;
  readonly fields: readonly string[];
  /** What it did nevertheless; empty: nothing. */
  readonly effect: string;
}

export interface HealthEvidence {
  readonly url: string;
  readonly at: number;
  /** 0: nobody answered. */
  readonly live: number;
  readonly ready: number;
}

export interface AnswerEvidence extends Pick<Answer, 'status' | 'code' | 'sentAt' | 'ms'> {
  readonly url: string;
  readonly what: string;
}

export function noEvidence(urls: readonly string[]): Evidence {
  return {
    urls,
    readers: [],
    writes: [],
    repeats: [],
    newer: [],
    travels: [],
    finals: [],
    commits: undefined,
    deaths: [],
    renewals: [],
    fencing: [],
    conditionals: [],
    refusals: [],
    health: [],
    answers: [],
    stallMs: 0,
  };
}
