import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.ts';
import { send } from '../support/http-client.ts';
import type { Owner } from '../support/program.ts';
import { caseOf, type FuzzCase } from './cases.ts';
import { describeCase, describeStall, lengthOf } from './describe.ts';
import { askInside, footprintOf, type Footprint } from './footprint.ts';
import type { Inside, Stall } from './inside-daemon.ts';
import { faultsOf } from './judge.ts';
import { ONCE, Peers } from './peers.ts';
import { Player, type Outcome } from './player.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** The run ends after this many requests. */
  readonly requests: number;
  /** Or after this many seconds. */
  readonly seconds?: number | undefined;
  /** Only this case of the seed. */
  readonly only?: number | undefined;
  /** The longest that the daemon may compute without a turn of its event loop, in milliseconds; by default 100. */
  readonly stall?: number | undefined;
  /** Called after each 10,000 requests and for each fault. */
  readonly print: (line: string) => void;
}

export interface FuzzResult {
  readonly requests: number;
  readonly cases: number;
  /** Replies by the first digit of their status. */
  readonly byClass: ReadonlyMap<string, number>;
  /** The longest time without a turn of the daemon's event loop; undefined: none was worth a word. */
  readonly longestStall: Stall | undefined;
  readonly before: Footprint;
  readonly after: Footprint;
  readonly faults: readonly string[];
}

/** Requests for each line of progress. */
const PROGRESS = 10_000;
/** Connections at once. */
const PARALLEL = 6;
/** Part of the run after which the daemon counts as warm: what it holds then is what it may hold at the end. */
const WARM = 0.2;
/** Bytes more than when it was warm: code that was compiled meanwhile, caches that were not full. */
const MEMORY_MARGIN = 16 * 2 ** 20;
const RESIDENT_MARGIN = 160 * 2 ** 20;
/** Seconds within which everything must be given back: a long poll that nobody waits for any more lasts up to 60. */
const SETTLED = 75;

export class FuzzRun {
  readonly #options: FuzzOptions;
  readonly #daemon: Daemon;
  readonly #peers: Peers;
  readonly #inside: string;
  readonly #player: Player;
  readonly #byClass = new Map<string, number>();
  readonly #faults: string[] = [];
  #requests = 0;
  #next = 0;
  #longestStall: Stall | undefined;

  private constructor(options: FuzzOptions, daemon: Daemon, peers: Peers, inside: string) {
    this.#options = options;
    this.#daemon = daemon;
    this.#peers = peers;
    this.#inside = inside;
    this.#player = new Player(daemon.port);
  }

  /** Starts a daemon of its own, sends it everything, and tells what came of it. */
  static async run(t: Owner, options: FuzzOptions): Promise<FuzzResult> {
    const folder = await temporaryFolder(t);
    const inside = join(folder, 'inside.sock');
    const preload = new URL('./inside-daemon.js', import.meta.url).href;
    const daemon = await startDaemon(t, {
      // A small history, so that what it holds is soon full; a log of faults alone, which no pipe can hold back.
      args: ['--history-bytes=64KiB', '--history-commits=100', '--log-level=error', '--lease-retention=1'],
      env: { NODE_OPTIONS: `--import=${preload}`, FUZZ_SOCKET: inside },
    });
    const run = new FuzzRun(options, daemon, await Peers.start(t), inside);
    // The start may take its time; what is asked of it is forgotten.
    await askInside(inside, 'stalls');
    try {
      return await run.#run();
    } catch (cause) {
      const exit = await Promise.race([daemon.exited, sleep(1000)]);
      if (!exit) throw cause;
      const log = daemon.stderr.slice(-4000);
      throw new Error(`the daemon ended with ${JSON.stringify(exit)}\n${log}`, { cause });
    }
  }

  async #run(): Promise<FuzzResult> {
    const { requests, seconds = Infinity, only } = this.#options;
    const end = performance.now() + seconds * 1000;
    await this.#until(only === undefined ? requests * WARM : 0, end);
    const before = await this.#settle(undefined);
    this.#next = only ?? this.#next;
    await this.#until(only === undefined ? requests : this.#requests + 1, end);
    const after = await this.#settle(before);
    await this.#stop();
    return {
      requests: this.#requests,
      cases: this.#next,
      byClass: this.#byClass,
      longestStall: this.#longestStall,
      before,
      after,
      faults: this.#faults,
    };
  }

  /** Plays cases until that many requests were sent. */
  async #until(requests: number, end: number): Promise<void> {
    const { seed, print } = this.#options;
    const line = async () => {
      while (this.#requests < requests && performance.now() < end) {
        const number = this.#next++;
        const fuzzCase = caseOf(seed, number);
        const marks = Math.floor(this.#requests / PROGRESS);
        this.#requests += fuzzCase.requests.length;
        if (Math.floor(this.#requests / PROGRESS) > marks) print(await this.#progress());
        if (number % 200 === 0) await this.#peers.register(this.#daemon.url);
        this.#judge(number, fuzzCase, await this.#player.play(fuzzCase));
        if (number % 100 === 0) this.#judgeInside(await askInside(this.#inside, 'stalls'));
      }
    };
    await Promise.all(Array.from({ length: PARALLEL }, line));
  }

  #judge(number: number, fuzzCase: FuzzCase, outcome: Outcome): void {
    for (const { status } of outcome.reader.replies) {
      const name = `${String(status)[0]!}xx`;
      this.#byClass.set(name, (this.#byClass.get(name) ?? 0) + 1);
    }
    for (const fault of faultsOf(fuzzCase, outcome)) this.#add(`${fault}\n${describeCase(number, fuzzCase)}`);
  }

  #judgeInside({ stalls }: Inside): void {
    for (const stall of stalls) {
      if (lengthOf(stall) > lengthOf(this.#longestStall)) this.#longestStall = stall;
      if (lengthOf(stall) > (this.#options.stall ?? 100)) this.#add(`stall: ${describeStall(stall)}`);
    }
  }

  /** Removes all that was registered and waits until the daemon holds no more than in `before`. */
  async #settle(before: Footprint | undefined): Promise<Footprint> {
    for (let tries = 0; ; tries++) {
      await this.#removeAll();
      const inside = await askInside(this.#inside, 'collect');
      this.#judgeInside(inside);
      const now = await footprintOf(this.#daemon.pid, inside);
      const over = before ? excess(before, now) : [];
      const { body } = await send('GET', `${this.#daemon.url}/health`, undefined, ONCE);
      const { readers } = body as { readers: number };
      if (readers > 0) over.push(`${readers} readers`);
      // (0A): it listens. When warm, too: one to a compositor, which is about to end, must not count as its own.
      const open = now.descriptors?.filter((each) => each.startsWith('tcp') && !each.endsWith('(0A)')) ?? [];
      if (open.length > 0) over.push(`${open.length} connections: ${open.join(', ')}`);
      if (over.length === 0 && (before !== undefined || tries >= 1)) return now;
      if (tries >= SETTLED) {
        if (over.length > 0)
          this.#add(`with every connection closed the daemon still holds ${over.join(', ')}`);
        return now;
      }
      await sleep(1000);
    }
  }

  async #removeAll(): Promise<void> {
    const { url } = this.#daemon;
    const { body } = await send('GET', `${url}/compositors?limit=1000`, undefined, ONCE);
    for (const { id } of (body as { items: { id: string }[] }).items)
      await send('DELETE', `${url}/compositors/${id}`, undefined, ONCE);
  }

  async #stop(): Promise<void> {
    const { url } = this.#daemon;
    const alive = await send('GET', `${url}/health/live`, undefined, ONCE).then(
      ({ status }) => status,
      String,
    );
    if (alive !== 200) this.#add(`/health/live answers ${alive}`);
    const exit = await this.#daemon.stop();
    if (exit?.code !== 0)
      this.#add(`after SIGTERM it ended with ${JSON.stringify(exit)}\n${this.#daemon.stderr.slice(-2000)}`);
  }

  #add(fault: string): void {
    this.#faults.push(fault);
    this.#options.print(`FAULT (--seed ${this.#options.seed}) ${fault}`);
  }

  async #progress(): Promise<string> {
    const { resident, descriptors } = await footprintOf(this.#daemon.pid, {
      stalls: [],
      heap: 0,
      external: 0,
    });
    const statuses = [...this.#byClass].sort().map(([name, count]) => `${name} ${count}`);
    const size = resident === undefined ? '?' : Math.round(resident / 2 ** 20);
    return `${this.#requests} requests: ${statuses.join(', ')}; longest stall ${Math.round(lengthOf(this.#longestStall))} ms, ${size} MiB, ${descriptors?.length ?? '?'} descriptors, ${this.#faults.length} faults`;
  }
}

function excess(before: Footprint, now: Footprint): string[] {
  const mib = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const over: string[] = [];
  if (now.memory > before.memory + MEMORY_MARGIN)
    over.push(`${mib(now.memory)} of heap and buffers (${mib(before.memory)} when warm)`);
  if ((now.resident ?? 0) > (before.resident ?? 0) + RESIDENT_MARGIN)
    over.push(`${mib(now.resident!)} of memory (${mib(before.resident!)} when warm)`);
  const open = now.descriptors?.length ?? 0;
  if (open > (before.descriptors?.length ?? 0))
    over.push(
      `${open} descriptors:\n    ${now.descriptors!.join('\n    ')}\n  when warm:\n    ${before.descriptors!.join('\n    ')}`,
    );
  return over;
}
