/** Asked while the whole map is loaded: a process that runs out of memory ends without a word about why. */
export interface MemoryGuard {
  /** Bytes that the process may hold. */
  readonly limit: number;
  /** Says that about `bytes` more are held. Throws an Error of one line when they leave too little memory to serve from. */
  grow(bytes: number): void;
}

export const NO_GUARD: MemoryGuard = { limit: Infinity, grow: () => undefined };
