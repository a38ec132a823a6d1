export interface KeyMemoryPolicy {
  /** How many keys of one owner are remembered, at most. */
  readonly keys: number;
  /** Milliseconds for which a key is remembered after its end. */
  readonly lasts: number;
  /** Bytes of all values that ended, at most. */
  readonly bytes: number;
}

export interface Remembered<T> {
  /** Of what the key was used for: a repeat must have the same. */
  readonly fingerprint: string;
  readonly value: T;
}

interface Ended<T> extends Remembered<T> {
  readonly at: number;
  readonly bytes: number;
}

/** What an entry costs besides its value: its key, fingerprint and place, about. */
const OVERHEAD = 512;

/**
 * What was done under which key (`Idempotency-Key`), so that a repeat is not done again. What still runs is always
 * remembered (who runs it bounds how much that is); what has ended is forgotten by age, by number and by size. Times are
 * milliseconds of one monotonic clock.
 */
export class KeyMemory<T> {
  readonly #policy: KeyMemoryPolicy;
  readonly #running = new Map<string, Map<string, Remembered<T>>>();
  /** Owners by their last end, keys by their end: the first is the oldest. */
  readonly #ended = new Map<string, Map<string, Ended<T>>>();
  #bytes = 0;

  constructor(policy: KeyMemoryPolicy) {
    this.#policy = policy;
  }

  find(owner: string, key: string, now: number): Remembered<T> | undefined {
    const ended = this.#ended.get(owner)?.get(key);
    if (ended && ended.at + this.#policy.lasts > now) return ended;
    return this.#running.get(owner)?.get(key);
  }

  begin(owner: string, key: string, entry: Remembered<T>): void {
    put(this.#running, owner, key, entry);
  }

  /** It ended without having been done: a repeat may do it. */
  forget(owner: string, key: string): void {
    drop(this.#running, owner, key);
  }

  /** It was done; its value has so many bytes. */
  end(owner: string, key: string, bytes: number, now: number): void {
    const entry = this.#running.get(owner)?.get(key);
    if (!entry) return;
    drop(this.#running, owner, key);
    this.#discard(owner, key);
    const keys = this.#ended.get(owner);
    if (keys) {
      this.#ended.delete(owner);
      this.#ended.set(owner, keys);
    }
    const size = bytes + OVERHEAD;
    put(this.#ended, owner, key, { ...entry, at: now, bytes: size });
    this.#bytes += size;
    this.#trim(owner, now);
  }

  #trim(owner: string, now: number): void {
    const mine = this.#ended.get(owner)!;
    if (mine.size > this.#policy.keys) this.#discardOldest(owner);
    for (const [each, entries] of this.#ended) {
      for (const [key, { at }] of entries) {
        if (at + this.#policy.lasts > now && this.#bytes <= this.#policy.bytes) return;
        this.#discard(each, key);
      }
    }
  }

  #discardOldest(owner: string): void {
    for (const key of this.#ended.get(owner)!.keys()) return this.#discard(owner, key);
  }

  #discard(owner: string, key: string): void {
    this.#bytes -= this.#ended.get(owner)?.get(key)?.bytes ?? 0;
    drop(this.#ended, owner, key);
  }
}

function put<T>(owners: Map<string, Map<string, T>>, owner: string, key: string, value: T): void {
  const keys = owners.get(owner);
  if (keys) keys.set(key, value);
  else owners.set(owner, new Map([[key, value]]));
}

function drop(owners: Map<string, Map<string, unknown>>, owner: string, key: string): void {
  const keys = owners.get(owner);
  if (keys?.delete(key) && keys.size === 0) owners.delete(owner);
}
