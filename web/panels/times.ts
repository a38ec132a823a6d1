import type { AgeOf } from '../page/age.ts';

/** The widest range of a Date, in milliseconds. */
const MAX_TIME = 8.64e15;

/** How long ago a moment was, and the moment in the zone of whoever looks. `ms`: since 1970. */
export function momentOf(ms: number, ageOf: AgeOf): string {
  const age = ageOf(ms);
  // What is long ago has a date for an age.
  return /^\d{4}-/.test(age) ? timeOf(ms) : `${age} · ${timeOf(ms)}`;
}

/** A moment in the zone of whoever looks. */
export function timeOf(ms: number): string {
  if (!(Math.abs(ms) <= MAX_TIME)) return 'at no time that a calendar has';
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** A time that is left, in seconds. */
export function durationOf(seconds: number): string {
  if (seconds < 100) return `${Math.ceil(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
