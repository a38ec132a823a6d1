import type { Random } from './random.ts';

/** What runs, stands still (SIGSTOP) or has died: nothing that belongs to a dead one happens any more. */
export class Process {
  dead = false;
  frozen = false;
  /** What was due while it stood still. */
  readonly held: (() => void)[] = [];
}

interface Entry {
  readonly at: number;
  /** Drawn, so that what is due at one time comes in any order. */
  readonly tie: number;
  readonly owner: Process | undefined;
  run: (() => void) | undefined;
}

/** Everything that will happen, by virtual time. */
export class Agenda {
  /** Milliseconds since the start. */
  now = 0;
  steps = 0;
  readonly #random: Random;
  readonly #heap: Entry[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Does `run` in `ms`, on behalf of `owner`; returns what cancels it. */
  after(ms: number, owner: Process | undefined, run: () => void): () => void {
    const entry: Entry = { at: this.now + Math.max(ms, 0), tie: this.#random.next(), owner, run };
    this.#push(entry);
    return () => {
      entry.run = undefined;
    };
  }

  thaw(process: Process): void {
    process.frozen = false;
    for (const run of process.held.splice(0)) this.after(this.#random.next(), process, run);
  }

  /** Does the next thing that is due at `limit` at the latest; false when there is none. */
  step(limit = Infinity): boolean {
    for (;;) {
      const entry = this.#heap[0];
      if (!entry || entry.at > limit) {
        if (limit !== Infinity) this.now = Math.max(this.now, limit);
        return false;
      }
      this.#pop();
      this.now = entry.at;
      if (!entry.run || entry.owner?.dead) continue;
      if (entry.owner?.frozen) {
        entry.owner.held.push(() => entry.run?.());
        continue;
      }
      this.steps += 1;
      entry.run();
      return true;
    }
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let i = heap.push(entry) - 1;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (!before(entry, heap[up]!)) break;
      heap[i] = heap[up]!;
      i = up;
    }
    heap[i] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child += 1;
      if (!before(heap[child]!, last)) break;
      heap[i] = heap[child]!;
      i = child;
    }
    heap[i] = last;
  }
}

function before(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}
