import type { Worker as ChildWorker } from 'node:cluster';
import type { Logger } from '../../domain/logger.ts';
import { HandedOver } from './handed-over.ts';
import type { FromPrimary, FromWorker } from './messages.ts';
import { MetricsCollector } from './metrics-collector.ts';
import { Reloads } from './reloads.ts';
import { Restarts } from './restarts.ts';

export interface PrimaryOptions {
  readonly count: number;
  /** Starts the process of the worker with this number. */
  readonly fork: (number: number) => ChildWorker;
  /** Called once, when all of them serve. */
  readonly onReady: (url: string) => void;
  /** One line for the operator. */
  readonly complain: (line: string) => void;
  readonly log: Pick<Logger, 'warn'>;
}

/** How many processes, each with another id, are tried for one worker. */
const MOST_IDS = 20;

interface Slot {
  readonly number: number;
  readonly restarts: Restarts;
  child: ChildWorker | undefined;
  loaded: boolean;
  /** It was to reload before it could hear of that. */
  reloadsLater: boolean;
  /** Since when it serves (monotonic, ms). */
  servesSince: number | undefined;
  /** It has not answered the last ping. */
  owesPong: boolean;
  /** How often in a row its process had an id that the store does not take. */
  idsTaken: number;
  /** Why it could not start. */
  failure: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * The process that starts the workers and watches over them. It opens no store and answers no request: Node accepts the
 * connections here, and hands each to the next worker in turn.
 */
export class Primary {
  readonly #options: PrimaryOptions;
  readonly #slots: readonly Slot[];
  readonly #collector: MetricsCollector;
  readonly #reloads = new Reloads();
  readonly #over: Promise<number>;
  #end: (code: number) => void = () => undefined;
  /** All have loaded: whoever loads from now on listens at once. */
  #listening = false;
  #ready = false;
  /** The exit code, once the end has begun. */
  #stopping: number | undefined;

  constructor(options: PrimaryOptions) {
    this.#options = options;
    this.#slots = Array.from({ length: options.count }, (_, index) => ({
      number: index + 1,
      restarts: new Restarts(),
      child: undefined,
      loaded: false,
      reloadsLater: false,
      servesSince: undefined,
      owesPong: false,
      idsTaken: 0,
      failure: undefined,
      timer: undefined,
    }));
    this.#collector = new MetricsCollector({
      request: (worker, id) => this.#send(this.#slots[worker - 1]!, { kind: 'collect', id }),
    });
    this.#over = new Promise((resolve) => (this.#end = resolve));
  }

  /** Resolves to the exit code, when all workers have ended. */
  async run(): Promise<number> {
    for (const slot of this.#slots) this.#start(slot);
    return this.#over;
  }

  /** Resolves when the configuration is in force, or refused, in each worker that serves. */
  async reload(): Promise<void> {
    for (const slot of this.#slots) slot.reloadsLater = !slot.loaded;
    await this.#reload(this.#slots.filter(({ loaded }) => loaded));
  }

  /** Whether each worker that serves has answered since the last call: one whose loop hangs does not. */
  allAnswered(): boolean {
    const all = this.#serving.every(({ owesPong }) => !owesPong);
    for (const slot of this.#serving) {
      slot.owesPong = true;
      this.#send(slot, { kind: 'ping' });
    }
    return all;
  }

  /** Lets every worker end in order. */
  async stop(): Promise<void> {
    this.#stop(0);
    await this.#over;
  }

  /** Ends what is left at once: the process ends now. */
  kill(): void {
    for (const { child } of this.#slots) child?.process.kill('SIGKILL');
  }

  #start(slot: Slot): void {
    const child = this.#options.fork(slot.number);
    Object.assign(slot, {
      child,
      loaded: false,
      reloadsLater: false,
      servesSince: undefined,
      owesPong: false,
      failure: undefined,
    });
    const handedOver = new HandedOver(child.process);
    child.on('message', (message: FromWorker) => this.#hear(slot, message));
    child.on('error', () => undefined);
    child.once('exit', (code, signal) => {
      handedOver.close();
      this.#ended(slot, code, signal);
    });
  }

  #hear(slot: Slot, message: FromWorker): void {
    switch (message.kind) {
      case 'loaded':
        slot.loaded = true;
        this.#letListen(slot);
        if (slot.reloadsLater) void this.#reload([slot]);
        return;
      case 'serving':
        slot.servesSince = performance.now();
        slot.idsTaken = 0;
        return this.#serves(message.url);
      case 'reloaded':
        return this.#reloads.answered(slot.number, message.id);
      case 'pong':
        return void (slot.owesPong = false);
      case 'process-id-taken':
        slot.idsTaken += 1;
        slot.failure = message.message;
        return;
      case 'failed':
        return void (slot.failure = message.message);
      case 'scrape': {
        const { id } = message;
        const serving = this.#serving.map(({ number }) => number);
        return void this.#collector
          .collect(serving)
          .then((text) => this.#send(slot, { kind: 'scraped', id, text }));
      }
      case 'metrics':
        return this.#collector.answer(slot.number, message.id, message.metrics);
    }
  }

  get #serving(): Slot[] {
    return this.#slots.filter(({ servesSince }) => servesSince !== undefined);
  }

  /** At the start all listen together: none answers before all can. */
  #letListen(slot: Slot): void {
    if (this.#listening) return this.#send(slot, { kind: 'listen' });
    if (!this.#slots.every(({ loaded }) => loaded)) return;
    this.#listening = true;
    for (const each of this.#slots) this.#send(each, { kind: 'listen' });
  }

  #reload(slots: readonly Slot[]): Promise<void> {
    const numbers = slots.map(({ number }) => number);
    return this.#reloads.begin(numbers, (worker, id) =>
      this.#send(this.#slots[worker - 1]!, { kind: 'reload', id }),
    );
  }

  #serves(url: string): void {
    this.#announceRunning();
    if (this.#ready || this.#serving.length < this.#slots.length) return;
    this.#ready = true;
    this.#options.onReady(url);
  }

  #announceRunning(): void {
    const count = this.#serving.length;
    for (const slot of this.#slots) this.#send(slot, { kind: 'running', count });
  }

  #ended(slot: Slot, code: number | null, signal: string | null): void {
    const served = slot.servesSince === undefined ? 0 : performance.now() - slot.servesSince;
    Object.assign(slot, { child: undefined, servesSince: undefined });
    this.#reloads.ended(slot.number);
    if (this.#stopping !== undefined) return this.#endIfAllEnded();
    const { number, failure } = slot;
    if (slot.idsTaken > 0 && slot.idsTaken < MOST_IDS) return this.#start(slot);
    const how = signal ? `by ${signal}` : `with ${code}`;
    if (!this.#ready) {
      this.#options.complain(failure ?? `worker ${number} ended ${how} while it was starting`);
      return this.#stop(1);
    }
    this.#collector.ended(number);
    this.#announceRunning();
    const delay = slot.restarts.delayAfter(served);
    if (delay === undefined) {
      this.#options.complain(failure ?? `worker ${number} ends again and again, the last time ${how}`);
      return this.#stop(1);
    }
    const fields = { worker: number, code, signal, failure, delay };
    this.#options.log.warn(fields, 'a worker ended; it is started again');
    slot.timer = setTimeout(() => this.#start(slot), delay);
  }

  #stop(code: number): void {
    this.#stopping ??= code;
    for (const slot of this.#slots) {
      clearTimeout(slot.timer);
      // One that is only starting does not hear yet, and has nothing to end.
      if (slot.loaded) this.#send(slot, { kind: 'stop' });
      else slot.child?.process.kill('SIGTERM');
    }
    this.#endIfAllEnded();
  }

  #endIfAllEnded(): void {
    if (this.#slots.every(({ child }) => child === undefined)) this.#end(this.#stopping ?? 0);
  }

  #send({ child }: Slot, message: FromPrimary): void {
    // It may end at any moment, and says so by its exit.
    if (child?.isConnected()) child.send(message, undefined, undefined, () => undefined);
  }
}
