import cluster from 'node:cluster';
import type { Worker } from '../../domain/worker.ts';
import type { FromPrimary, FromWorker } from './messages.ts';

/** Milliseconds that the primary has to collect the metrics; it gives each worker one second. */
const SCRAPE_TIMEOUT = 2000;

/** What the primary, or its end, asks of this process. */
export interface Orders {
  readonly listen: () => void;
  /** Resolves when the configuration is in force, or refused. */
  readonly reload: () => Promise<void>;
  readonly stop: () => void;
}

/** This process as a worker: its place among the others, and its channel to the primary. */
export class WorkerProcess implements Worker {
  readonly number: number;
  readonly count: number;
  running = 0;
  readonly #scrapes = new Map<number, (text: string | undefined) => void>();
  #readMetrics: (() => Promise<readonly object[]>) | undefined;
  #lastId = 0;

  /** `place`: `2/4` is the second of four. */
  constructor(place: string) {
    const [number, count] = place.split('/').map(Number);
    this.number = number!;
    this.count = count!;
  }

  /** From now on the primary is obeyed. Its end is an order to stop. */
  obey(orders: Orders): void {
    process.on('message', (message: FromPrimary) => {
      switch (message.kind) {
        case 'running':
          return void (this.running = message.count);
        case 'ping':
          return void this.send({ kind: 'pong' });
        case 'reload':
          return void orders.reload().finally(() => this.send({ kind: 'reloaded', id: message.id }));
        case 'collect':
          return void this.#sendMetrics(message.id);
        case 'scraped':
          return this.#scrapes.get(message.id)?.(message.text);
        default:
          return orders[message.kind]();
      }
    });
    cluster.worker?.once('disconnect', () => {
      // Otherwise Node ends this process right after this listener, and every stream without its `bye`.
      cluster.worker!.exitedAfterDisconnect = true;
      orders.stop();
    });
  }

  /** Resolves when the message is on its way, or when the primary has ended. */
  async send(message: FromWorker): Promise<void> {
    if (process.connected)
      await new Promise<void>((sent) => process.send?.(message, undefined, undefined, () => sent()));
  }

  provideMetrics(read: () => Promise<readonly object[]>): void {
    this.#readMetrics = read;
  }

  async allMetrics(): Promise<string | undefined> {
    const id = ++this.#lastId;
    try {
      return await new Promise((resolve) => {
        this.#scrapes.set(id, resolve);
        setTimeout(() => resolve(undefined), SCRAPE_TIMEOUT).unref();
        void this.send({ kind: 'scrape', id });
      });
    } finally {
      this.#scrapes.delete(id);
    }
  }

  async #sendMetrics(id: number): Promise<void> {
    const metrics = await this.#readMetrics?.();
    if (metrics) await this.send({ kind: 'metrics', id, metrics });
  }
}
