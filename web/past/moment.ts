/** A moment of the history: the map right after one commit. */
export interface Moment {
  readonly cursor: string;
  readonly revision: number;
  /** RFC 3339; null before the first commit. */
  readonly committedAt: string | null;
  /** Who committed, where it is known: a moment of a link may be older than the commits that the page has. */
  readonly by?: string | null | undefined;
}

/** The revision in a cursor. */
export function revisionOf(cursor: string): number {
  return Number.parseInt(cursor, 10);
}

/** `r1,042`. */
export function revisionText(revision: number): string {
  return `r${revision.toLocaleString('en')}`;
}

/** The time of a moment, with its day unless that is today. `now`: by the daemon's clock, milliseconds since 1970. */
export function timeText(committedAt: string | null, now: number): string {
  if (committedAt === null) return 'before the first commit';
  const date = new Date(committedAt);
  const time = date.toLocaleTimeString();
  if (date.toDateString() === new Date(now).toDateString()) return time;
  const year = date.getFullYear() === new Date(now).getFullYear() ? undefined : ('numeric' as const);
  return `${date.toLocaleDateString(undefined, { day: 'numeric', month: 'short', year })}, ${time}`;
}
