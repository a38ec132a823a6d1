/** How long ago `timestamp` was at `now`, both in seconds; an owner's clock may be ahead of the daemon's. */
export function ageOf(timestamp: number, now: number): string {
  const seconds = now - timestamp;
  if (seconds < 2) return 'now';
  if (seconds < 120) return `${Math.round(seconds)} s ago`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return Math.abs(timestamp) < 8.64e12 ? new Date(timestamp * 1000).toISOString().slice(0, 10) : 'long ago';
}
