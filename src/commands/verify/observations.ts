import type { HttpReply } from '../http-client.ts';

/** Everything that a verification observed: plain data, of which the checks are pure functions. Times are monotonic milliseconds. */
export class Observations {
  readonly urls: readonly string[];
  readonly readers: ReaderObservation[] = [];
  readonly writes: WriteObservation[] = [];
  /** A write that had been answered, sent again. */
  readonly repeats: (Pick<WriteObservation, 'writer' | 'n' | 'url' | 'changed'> & Pick<Answer, 'status'>)[] =
    [];
  /** `GET /manifest?atLeast=` at another URL, after a write. */
  readonly readsAtLeast: (Pick<Answer, 'status' | 'code'> & {
    readonly writer: string;
    /** The write that had been answered. */
    readonly n: number;
    readonly writtenAt: string;
    readonly readAt: string;
    readonly atLeast: string;
    readonly cursor: string;
    /** The write in the reply; undefined: only a part of it. */
    readonly shown: number | undefined;
  })[] = [];
  readonly pastReads: {
    readonly url: string;
    readonly cursor: string;
    readonly status: number;
    readonly differences: readonly string[];
  }[] = [];
  /** A reader's last copy, compared with `GET /manifest`. */
  readonly finalReads: {
    readonly url: string;
    readonly reader: string;
    /** Undefined: they could not be compared, for the reason `why`. */
    readonly cursor: string | undefined;
    readonly differences: readonly string[];
    readonly why: string;
  }[] = [];
  /** A change that a plain stream had brought, and when a compressed one of the same view did. */
  readonly compressed: {
    readonly url: string;
    readonly cursor: string;
    /** Milliseconds after the plain one; undefined: it was withheld. */
    readonly ms: number | undefined;
  }[] = [];
  /** The commits of verify's compositors, in any order; undefined when the history could not be read. */
  commits: CommitObservation[] | undefined;
  /** A compositor, or a region, whose lease was not renewed. */
  readonly expiries: {
    readonly id: string;
    /** Seconds. */
    readonly ttl: number;
    readonly sentAt: number;
    readonly answeredAt: number;
    /** When a reader first saw it stale, or the region gone; undefined: none did before `until`. */
    readonly endedAt: number | undefined;
    readonly until: number;
  }[] = [];
  /** A compositor, or a region, whose lease was renewed in time. */
  readonly renewals: {
    readonly id: string;
    readonly ttl: number;
    readonly renewed: number;
    /** Milliseconds: the longest time between two answered renewals. */
    readonly longest: number;
    /** How many readers saw its end, or renewals were rejected. */
    readonly ends: number;
  }[] = [];
  /** What was done with an exclusive region, or in it, and the reply that it must have. */
  readonly regions: (RejectedAnswer & {
    readonly expected: { readonly status: number; readonly code?: string };
  })[] = [];
  /** The answer to a compositor that wanted to open a link; 101: it is open. */
  readonly openings: (Pick<Answer, 'url' | 'status' | 'code'> & { readonly id: string })[] = [];
  /** A command sent to a compositor that has a link. */
  readonly commands: (Omit<Answer, 'what'> & {
    readonly linkAt: string;
    /** Its answer is that of the compositor to this very command. */
    readonly isAnswered: boolean;
    /** A command had arrived over that link before. */
    readonly isLater: boolean;
    /** Milliseconds for which the link had been open. */
    readonly open: number;
    readonly ms: number;
  })[] = [];
  /** A link in whose place the same registration opened another one. */
  readonly replacements: {
    readonly id: string;
    readonly from: string;
    readonly to: string;
    /** The code with which the older one was closed; undefined: it stayed open. */
    readonly code: number | undefined;
  }[] = [];
  /** The reply to an older generation, after its id had been taken over. */
  readonly fencing: RejectedAnswer[] = [];
  readonly conditionals: (Omit<Answer, 'code'> & {
    /** The content had changed since the sent tag. */
    readonly changed: boolean;
    /** The content is in the past and cannot change. */
    readonly immutable: boolean;
    readonly sent: string;
    readonly etag: string | null;
  })[] = [];
  readonly errors: (RejectedAnswer & {
    readonly expected: { readonly status: number; readonly code: string; readonly field?: string };
    readonly fields: readonly string[];
  })[] = [];
  readonly health: {
    readonly url: string;
    readonly at: number;
    /** Statuses; 0: no answer. */
    readonly live: number;
    readonly ready: number;
  }[] = [];
  /** The reply to every write, including those of the probes. */
  readonly replies: (Answer & Pick<HttpReply, 'sentAt' | 'ms'>)[] = [];
  /** The longest time for which verify itself stood still: shorter delays prove nothing. */
  stallMs = 0;

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }
}

interface Answer extends Pick<HttpReply, 'status' | 'code'> {
  /** The request, in words. */
  readonly what: string;
  readonly url: string;
}

/** The answer to a request that must be rejected. */
interface RejectedAnswer extends Answer {
  /** What the request changed all the same, or the reply lacks; empty: nothing. */
  readonly effect: string;
}

export interface ReaderObservation {
  readonly name: string;
  readonly url: string;
  /** Violations of the stream protocol, in words. */
  readonly violations: readonly string[];
  /** Cursors at which the copy held a part of a commit. */
  readonly torn: readonly string[];
  readonly seen: readonly SeenObservation[];
  readonly reconnects: readonly {
    readonly to: string;
    readonly id: string;
    /** Milliseconds until the copy was exact again; undefined: never. */
    readonly ms: number | undefined;
  }[];
  /** Other views that the open stream was asked for. */
  readonly moves: readonly {
    readonly to: string;
    readonly view: string;
    readonly status: number;
    /** Milliseconds until the copy was exact in it; undefined: never. */
    readonly ms: number | undefined;
  }[];
  /** How often what an overview showed was compared with the tiles at the same cursor, and how it differed. */
  readonly comparedAreas: number;
  readonly wrongAreas: readonly string[];
  /** Number of snapshots that replaced its history. */
  readonly resets: number;
  /** The stream reported that the store was unavailable. */
  readonly degraded: boolean;
  readonly connections: number;
  readonly cuts: number;
  readonly byes: number;
}

/** Between two revisions, the reader's exact copy held write `n` of a writer; 0: no write. */
export interface SeenObservation {
  readonly writer: string;
  readonly n: number;
  readonly from: number;
  to: number;
}

/** One write, repeated until it was answered. */
export interface WriteObservation {
  readonly writer: string;
  readonly n: number;
  readonly url: string;
  readonly attempts: number;
  /** From the 2xx reply; undefined: there was none. */
  readonly cursor: string | undefined;
  /** 0: an earlier attempt had made the change, so the cursor is not this write's own. */
  readonly changed: number;
  /** The status and code of the reply that rejected it. */
  readonly rejected?: string;
}

export interface CommitObservation {
  readonly cursor: string;
  readonly by: string;
  readonly tiles: number;
}
