import { encodeFrame, type Frame } from './event.ts';

/** Where a reader that is not exact gets its parts from. */
export interface PartSource {
  /** The part `index`, from 1 on, as a `patch` without an id; undefined after the last. A reader takes each once, in order. */
  take(index: number): Frame | undefined;
  /** Whether there may be a part `index`. */
  has(index: number): boolean;
  /** A reader that would take the part `index` next takes no more. */
  leave(index: number): void;
}

/** A part in which nothing is visible: a comment, which also tells that the connection is alive. */
export const NOTHING_VISIBLE = encodeFrame(':\n');

/** Parts for one reader alone are this much smaller: while it does not read, one lies in its socket. */
export const OWN_PARTS = 4;
