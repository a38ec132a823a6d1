export interface IdempotencyPolicy {
  /** The most finished keys to remember of one owner. */
  readonly keys: number;
  /** Milliseconds to remember a key after its request finished. */
  readonly lasts: number;
  /** The most bytes that all finished values may take together. */
  readonly bytes: number;
}

export interface Remembered<T> {
  /** Of what the key was used for: a repeat must have the same one. */
  readonly fingerprint: string;
  readonly value: T;
}

interface Entry<T> extends Remembered<T> {
  /** Absent while the request runs. */
  readonly endedAt?: number;
  readonly bytes: number;
}

/** Bytes that an entry takes beside its value, roughly. */
const OVERHEAD = 512;

/**
 * Remembers what was done under which `Idempotency-Key`, so that a repeated request is not done again. A running request is
 * always remembered, because its caller limits how many run. Finished ones are forgotten by age, number and size. Times are
 * milliseconds of one monotonic clock.
 */
export class IdempotencyKeys<T> {
  readonly #policy: IdempotencyPolicy;
  /** Owners in the order of their last end, finished keys in the order of their end: the oldest come first. */
  readonly #owners = new Map<string, Map<string, Entry<T>>>();
  #bytes = 0;

  constructor(policy: IdempotencyPolicy) {
    this.#policy = policy;
  }

  find(owner: string, key: string, now: number): Remembered<T> | undefined {
    const entry = this.#owners.get(owner)?.get(key);
    return entry && this.#isOver(entry, now) ? undefined : entry;
  }

  begin(owner: string, key: string, { fingerprint, value }: Remembered<T>): void {
    this.forget(owner, key);
    const keys = this.#owners.get(owner) ?? new Map<string, Entry<T>>();
    this.#owners.set(owner, keys.set(key, { fingerprint, value, bytes: 0 }));
  }

  /** The request was not carried out: a repeat may be. */
  forget(owner: string, key: string): void {
    const keys = this.#owners.get(owner);
    this.#bytes -= keys?.get(key)?.bytes ?? 0;
    if (keys?.delete(key) && keys.size === 0) this.#owners.delete(owner);
  }

  /** The request was carried out; its value has this many bytes. */
  end(owner: string, key: string, bytes: number, now: number): void {
    const keys = this.#owners.get(owner);
    const entry = keys?.get(key);
    if (!keys || !entry || entry.endedAt !== undefined) return;
    this.forget(owner, key);
    keys.set(key, { ...entry, endedAt: now, bytes: bytes + OVERHEAD });
    this.#bytes += bytes + OVERHEAD;
    this.#owners.delete(owner);
    this.#owners.set(owner, keys);
    const ended = [...keys].filter(([, { endedAt }]) => endedAt !== undefined);
    if (ended.length > this.#policy.keys) this.forget(owner, ended[0]![0]);
    this.#trim(now);
  }

  #trim(now: number): void {
    for (const [owner, keys] of this.#owners)
      for (const [key, entry] of keys) {
        if (entry.endedAt === undefined) continue;
        if (!this.#isOver(entry, now) && this.#bytes <= this.#policy.bytes) return;
        this.forget(owner, key);
      }
  }

  #isOver({ endedAt = Infinity }: Entry<T>, now: number): boolean {
    return endedAt + this.#policy.lasts <= now;
  }
}
