import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ConformanceClient } from '../../../src/conformance/conformance-client.ts';
import type { SseEvent } from '../../../src/conformance/sse-parser.ts';
import { send } from '../../support/http-client.ts';

export interface HonestFleetOptions {
  readonly url: string;
  readonly readers: number;
  readonly compositors: number;
  /** The headers of a token that may write as `honest-*`. */
  readonly writer: Readonly<Record<string, string>>;
  /** The headers of a token that may read. */
  readonly reader: Readonly<Record<string, string>>;
}

/** What the fleet went through with what it sent since the last report. Milliseconds. */
export interface Report {
  /** From before a write until each reader had it. */
  readonly deliveries: number[];
  readonly writes: number[];
  /** Requests that were not answered 2xx, and leases that ended though they were renewed. */
  readonly failures: string[];
}

const WRITE_EVERY = 500;
const RENEW_EVERY = 1500;
/** Seconds. A lease that is renewed every 1.5 s and still ends was held up by others. */
const TTL = 20;
const SENT = /"brick":"sent-(\d+(?:\.\d+)?)"/g;

/** Compositors that write and renew, and readers that look at what they write. The times are this process's own. */
export class HonestFleet {
  readonly readers: readonly ConformanceClient[];
  readonly #options: HonestFleetOptions;
  readonly #stop = new AbortController();
  readonly #work: Promise<void>[] = [];
  #report: Report = { deliveries: [], writes: [], failures: [] };
  #since = -Infinity;
  #onWrite: () => void = () => undefined;

  constructor(options: HonestFleetOptions) {
    this.#options = options;
    // Each compositor waits on it twice.
    setMaxListeners(0, this.#stop.signal);
    this.readers = Array.from(
      { length: options.readers },
      (_, i) =>
        new ConformanceClient({
          url: options.url,
          headers: options.reader,
          name: `honest reader ${i}`,
          maxRetry: 500,
          // They look at the part of the plane in which the honest compositors write, half of them at these alone.
          view: '0,0,63,63',
          ...(i % 2 === 1 && {
            compositors: Array.from({ length: options.compositors }, (_, c) => `honest-${c}`),
          }),
          onEvent: (event) => this.#delivered(event),
        }),
    );
  }

  async start(): Promise<void> {
    for (let i = 0; i < this.#options.compositors; i++)
      await this.#request('PUT', `/compositors/honest-${i}`, { name: `honest ${i}`, ttl: TTL });
    for (const reader of this.readers) reader.connect();
    for (let i = 0; i < this.#options.compositors; i++) {
      this.#work.push(this.#every(WRITE_EVERY, () => this.#write(i)));
      this.#work.push(
        this.#every(RENEW_EVERY, () => this.#request('PUT', `/compositors/honest-${i}/lease`, undefined)),
      );
    }
  }

  /** Resolves when each compositor has written so many times. */
  async written(times: number): Promise<void> {
    while (this.#report.writes.length < times * this.#options.compositors)
      await new Promise<void>((resolve) => (this.#onWrite = resolve));
  }

  /** What happened since the last call. */
  report(): Report {
    const report = this.#report;
    this.#since = performance.now();
    this.#report = { deliveries: [], writes: [], failures: [] };
    return report;
  }

  /** Ends the writing; the readers stay. */
  async stopWriting(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#work);
  }

  async end(): Promise<void> {
    await this.stopWriting();
    await Promise.all(this.readers.map((reader) => reader.disconnect()));
  }

  async #write(compositor: number): Promise<void> {
    const began = performance.now();
    await this.#request('PATCH', `/compositors/honest-${compositor}/tiles`, {
      [`${compositor},${compositor}`]: { brick: `sent-${began}` },
    });
    if (began >= this.#since) this.#report.writes.push(performance.now() - began);
    this.#onWrite();
  }

  async #request(method: string, path: string, body: unknown): Promise<void> {
    const what = `${method} ${path}`;
    try {
      const { status } = await send(method, this.#options.url + path, body, this.#options.writer);
      if (status >= 300) this.#report.failures.push(`${what}: ${status}`);
    } catch (error) {
      this.#report.failures.push(`${what}: ${String(error)}`);
    }
  }

  #delivered(event: SseEvent): void {
    for (const [id, entry] of this.readers[0]!.copy.compositors)
      if (
        (entry as { status: string }).status === 'stale' &&
        !this.#stop.signal.aborted &&
        id.startsWith('honest-')
      )
        this.#report.failures.push(`the lease of ${id} ended`);
    // A snapshot is full of what was written long ago.
    if (event.event !== 'patch' || event.id === undefined || event.id.includes('~')) return;
    const now = performance.now();
    for (const [, sent] of event.data.matchAll(SENT))
      if (Number(sent) >= this.#since) this.#report.deliveries.push(now - Number(sent));
  }

  async #every(ms: number, run: () => Promise<void>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await run();
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** The value that 99 of 100 do not pass. */
export function p99(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? NaN;
}
