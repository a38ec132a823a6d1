import { openSync, readSync } from 'node:fs';

/** Milliseconds between two looks; a turn that takes longer lies between two of them. */
const TICK = 1;

/** Of the main thread, as Linux counts: the first number is the nanoseconds that it had a processor. */
const schedule = openSync('/proc/self/schedstat', 'r');
const text = Buffer.alloc(64);

/** Watches how long the turns of this process's event loop take, in milliseconds of processor time: however busy the machine is, only its own work counts. */
export class Turns {
  readonly #turns: number[] = [];
  #used = processorTime();
  #timer = setTimeout(() => this.#tick(), TICK);

  /** Ends watching. The longest turn, and the one that 99 of 100 do not pass. */
  end(): { worst: number; p99: number } {
    clearTimeout(this.#timer);
    this.#look();
    const sorted = this.#turns.sort((a, b) => a - b);
    return { worst: sorted.at(-1)!, p99: sorted[Math.floor((sorted.length - 1) * 0.99)]! };
  }

  #tick(): void {
    this.#look();
    this.#timer = setTimeout(() => this.#tick(), TICK);
  }

  #look(): void {
    const used = processorTime();
    this.#turns.push(used - this.#used);
    this.#used = used;
  }
}

function processorTime(): number {
  // Brings the kernel's number up to date.
  process.cpuUsage();
  const length = readSync(schedule, text, 0, text.length, 0);
  return Number.parseInt(text.toString('latin1', 0, length), 10) / 1e6;
}
