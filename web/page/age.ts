/** Says how long ago a time was, in milliseconds since 1970. */
export type AgeOf = (ms: number) => string;

interface Words {
  readonly now: string;
  readonly ago: string;
}

/** Ages at `now`, milliseconds since 1970; an owner's clock may be ahead of the daemon's. */
export function agesNow(now: number): AgeOf {
  return (ms) => ageText(ms, now, { now: 'now', ago: 'ago' });
}

/** Ages at a moment of the past: they end there, and not at the person who reads them. */
export function agesAt(moment: number): AgeOf {
  return (ms) => ageText(ms, moment, { now: 'at that moment', ago: 'before' });
}

function ageText(ms: number, end: number, { now, ago }: Words): string {
  const seconds = (end - ms) / 1000;
  if (seconds < 2) return now;
  if (seconds < 120) return `${Math.round(seconds)} s ${ago}`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ${ago}`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ${ago}`;
  return Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().slice(0, 10) : 'long ago';
}
