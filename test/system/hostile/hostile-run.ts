import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startDaemon, type Daemon } from '../../support/daemon.ts';
import { Program, type Owner } from '../../support/program.ts';
import { authText, tokenFor } from '../../support/tokens.ts';
import { ATTACKS } from './attacks.ts';
import { HonestFleet, type Report } from './honest-fleet.ts';

/** MiB: the heap that Node gives itself in a container of 512 MiB. */
const HEAP = 256;
/** Milliseconds of each kind. */
const DURATION = 8000;
const ATTACKER = fileURLToPath(new URL('./attacker.js', import.meta.url));

/** One kind of hostile client, and what the honest ones went through meanwhile. */
export interface Attacked extends Report {
  readonly kind: string;
}

/** A daemon with default settings, 100 honest readers and 10 honest compositors; and hostile clients, one of each kind in turn. */
export class HostileRun {
  readonly daemon: Daemon;
  readonly #owner: Owner;
  readonly #fleet: HonestFleet;
  readonly #greedy = tokenFor('greedy', ['read', 'relay', 'write'], ['greedy-*']);

  private constructor(owner: Owner, daemon: Daemon, fleet: HonestFleet) {
    this.#owner = owner;
    this.daemon = daemon;
    this.#fleet = fleet;
  }

  static async start(owner: Owner): Promise<HostileRun> {
    const writer = tokenFor('fleet', ['read', 'write'], ['honest-*']);
    const reader = tokenFor('viewer', ['read']);
    const greedy = tokenFor('greedy', ['read', 'relay', 'write'], ['greedy-*']);
    const daemon = await startDaemon(owner, {
      args: ['--log-level=warn'],
      env: {
        COMPOSITORD_AUTH: authText(writer, reader, greedy),
        NODE_OPTIONS: `--max-old-space-size=${HEAP}`,
      },
    });
    const fleet = new HonestFleet({
      url: daemon.url,
      readers: 100,
      compositors: 10,
      writer: writer.headers,
      reader: reader.headers,
    });
    owner.teardown(() => fleet.end());
    await fleet.start();
    // What opening a hundred streams costs, and the first writes of a new process, are not part of what follows.
    await Promise.all(fleet.readers.map((each) => each.until(({ copy }) => copy.exact)));
    await fleet.written(5);
    return new HostileRun(owner, daemon, fleet);
  }

  /** Throws when the daemon ends. */
  async *attacks(): AsyncGenerator<Attacked> {
    for (const kind of Object.keys(ATTACKS)) {
      const args = [ATTACKER, kind, String(this.daemon.port), this.#greedy.token, String(DURATION)];
      const attacker = new Program(this.#owner, process.execPath, args);
      // A process that starts takes the processor from everybody.
      await attacker.prints(/begins/);
      this.#fleet.report();
      const over = attacker.exited.then(() => false);
      if (await Promise.race([over, this.daemon.exited.then(() => true)]))
        throw new Error(`${kind} ended the daemon: ${this.daemon.stderr.slice(-2000)}`);
      yield { kind, ...this.#fleet.report() };
    }
  }

  /** MiB that the daemon held at most. */
  get peakMemory(): number {
    const status = readFileSync(`/proc/${this.daemon.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  async end(): Promise<void> {
    await this.#fleet.end();
  }
}
